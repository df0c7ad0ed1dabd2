/** What is read of a container's memory, from folders as version 2 and version 1 of control groups show them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MemoryWatch } from '../../runtime/gateway/worker/memory';

function controlGroup(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'cgroup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [file, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
  };
  write(files);
  return { folder, write, watch: () => new MemoryWatch(folder) };
}

const EVENTS_2 = (kills: number) => `low 0\nhigh 12\nmax 57\noom 3\noom_kill ${kills}\noom_group_kill 9\n`;
const CONTROL_1 = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`;

test.each([
  ['2', 'memory.events', EVENTS_2],
  ['1', 'memory/memory.oom_control', CONTROL_1],
])('version %s: a kill is told once, and only one since it was asked', (_version, file, events) => {
  const { watch, write } = controlGroup({ [file]: events(4) });
  const memory = watch();
  expect(memory.hasKilled()).toBe(false);
  write({ [file]: events(5) });
  expect([memory.hasKilled(), memory.hasKilled()]).toEqual([true, false]);
  write({ [file]: events(8) });
  expect([memory.hasKilled(), memory.hasKilled()]).toEqual([true, false]);
});

test('a kill of long ago is not the reason of a death now, one of just now is', () => {
  const { watch, write } = controlGroup({ 'memory.events': EVENTS_2(0) });
  const memory = watch();
  write({ 'memory.events': EVENTS_2(1) });
  memory.forget();
  memory.forget();
  expect(memory.hasKilled()).toBe(false);
  write({ 'memory.events': EVENTS_2(2) });
  memory.forget();
  expect(memory.hasKilled()).toBe(true);
});

test.each([
  ['2', 'memory.max', '536870912\n', 536_870_912],
  ['2 without a limit', 'memory.max', 'max\n', undefined],
  ['1', 'memory/memory.limit_in_bytes', '536870912\n', 536_870_912],
  ['1 without a limit', 'memory/memory.limit_in_bytes', '9223372036854771712\n', undefined],
])('version %s: the limit', (_version, file, text, bytes) => {
  expect(controlGroup({ [file]: text }).watch().limitBytes).toBe(bytes);
});

test('where there is no control group, or none that counts kills, nothing is known and nothing fails', () => {
  const nowhere = new MemoryWatch('/there/is/no/such/folder');
  expect([nowhere.hasKilled(), nowhere.limitBytes]).toEqual([false, undefined]);
  const old = controlGroup({ 'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\n' }).watch();
  expect(old.hasKilled()).toBe(false);
});
