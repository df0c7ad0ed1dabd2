/** What is open answers nothing, and what can be known is. */
import { describe, expect, test } from 'vitest';
import { Property } from '../../../lib/checks/property';

const OPEN = { Ref: 'Parameter' };
const named = (path: string) => ({ 'Fn::GetAtt': [path, 'Arn'] });

describe('an open property', () => {
  test.each([OPEN, named('Stack/It'), { 'Fn::If': ['Condition', 1, 2] }])('%j answers nothing', (value) => {
    const { isGiven, isOpen, text, number, flag, items } = new Property(value);
    expect({ isGiven, isOpen, text, number, flag, items }).toEqual({ isGiven: true, isOpen: true, items: [] });
  });

  test('is open inside too', () => {
    expect(new Property({ Outer: OPEN }).at('Outer', 'Inner').isOpen).toBe(true);
  });

  test('makes open what may stand in it', () => {
    const attributes = new Property([{ Key: 'known', Value: '1' }, OPEN]);
    expect(attributes.valueOf('known').number).toBe(1);
    expect(attributes.valueOf('other').isOpen).toBe(true);
    expect(new Property(OPEN).valueOf('any').isOpen).toBe(true);
    expect(new Property([{ Key: 'known', Value: '1' }]).valueOf('other').isGiven).toBe(false);
  });
});

describe('a known property', () => {
  test('is read as CloudFormation does', () => {
    expect(['60', 60].map((value) => new Property(value).number)).toEqual([60, 60]);
    expect(['true', false, 'maybe'].map((value) => new Property(value).flag)).toEqual([true, false, undefined]);
    expect(new Property({ Other: 1 }).at('Missing', 'Deeper').isGiven).toBe(false);
  });

  test('names constructs, as a whole or in parts', () => {
    const id = { 'Fn::Join': ['', ['service/', named('Stack/Cluster'), '/', named('Stack/Service')]] };
    expect(new Property(named('Stack/Service')).target).toBe('Stack/Service');
    expect(new Property(id).target).toBeUndefined();
    expect(new Property(id).targets).toEqual(['Stack/Cluster', 'Stack/Service']);
  });

  test.each<[unknown, unknown]>([
    ['whole', { text: 'whole', isWhole: true }],
    [{ 'Fn::Join': ['', [OPEN, ':tag']] }, { text: ':tag', isWhole: false }],
    [{ 'Fn::Sub': '$'.concat('{Name}:tag') }, { text: ':tag', isWhole: false }],
    [{ 'Fn::Join': ['', ['name:', OPEN]] }, undefined],
    [{ 'Fn::Join': [':', ['name', 'tag']] }, undefined],
    [OPEN, undefined],
  ])('%j ends as far as it is known', (value, ending) => {
    expect(new Property(value).ending).toEqual(ending);
  });
});
