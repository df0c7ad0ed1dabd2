import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Changes } from '../../../bin/serve/changes';
import { modelDirectory } from '../command';

const folder = () => modelDirectory({ 'predict.py': '1' });

test('a file that is saved by way of a temporary one is named alone, and once', () => {
  const directory = folder();
  const changes = new Changes(directory);
  changes.add('add', join(directory, 'sed8amCJg'));
  changes.add('change', join(directory, 'predict.py'));
  expect(changes.take()).toEqual(['predict.py']);
  changes.add('unlink', join(directory, 'sed8amCJg'));
  expect(changes.take()).toEqual([]);
});

test('a file that came and stayed is told, and its end is told, too', () => {
  const directory = folder();
  const changes = new Changes(directory);
  changes.add('add', join(directory, 'predict.py'));
  expect(changes.take()).toEqual(['predict.py']);
  changes.add('unlink', join(directory, 'predict.py'));
  expect(changes.take()).toEqual(['predict.py']);
});
