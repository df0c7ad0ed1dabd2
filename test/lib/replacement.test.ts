/**
 * What an edit of a declaration costs on deployment. Every prop has a row with an edit of it, and no row may replace or
 * take away what carries traffic or holds something, but for what the row names with a reason.
 */
import { CfnLoadBalancer, CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { type Declare, differenceOf } from './replacement/change';
import { ROWS } from './replacement/rows';
import { librarySources, sayable } from './replacement/sayable';

const ROOTS = ['ModelApiProps', 'ModelPlatformProps', 'ModelFleetProps', 'ManagedFleetProps'];
const rows = Object.entries(ROWS);

describe('the rows', () => {
  test('are those of every prop and every factory, and no others', () => {
    expect(Object.keys(ROWS).sort()).toEqual(sayable(ROOTS));
  });

  test('would miss a new prop, a new factory and a new option of it', () => {
    const sources = librarySources().map((text) =>
      text
        .replace('export interface ModelApiProps', '$& extends Extra')
        .replace('export abstract class Compute {', '$& public static moon(options: MoonOptions): Compute {}'),
    );
    const added = 'interface Extra { readonly extra?: Compute } interface MoonOptions { readonly phase?: number }';
    const all = sayable(ROOTS, [...sources, added]);
    expect(all.filter((name) => !(name in ROWS))).toEqual(['Compute.moon', 'Extra.extra', 'MoonOptions.phase']);
  });

  test('give a reason for what they replace', () => {
    const reasons = rows.flatMap(([, { replaces }]) => Object.values(replaces));
    for (const reason of reasons) expect(reason).toMatch(/^.{30,}$/);
  });
});

describe('an edit replaces nothing that carries traffic or holds something', () => {
  test.each(rows)('%s', (_, change) => {
    const { any, replaced } = differenceOf(change);
    expect(any).toBe(true);
    if ('*' in change.replaces) expect(replaced).not.toEqual([]);
    else expect(replaced).toEqual(Object.keys(change.replaces).sort());
  });

  test('which would be seen if it did', () => {
    const balancer =
      (scheme: string): Declare =>
      (stack) => {
        new CfnLoadBalancer(stack, 'Balancer', { scheme });
        if (scheme === 'internal') new CfnTargetGroup(stack, 'Group');
      };
    const { replaced } = differenceOf({ before: balancer('internal'), after: balancer('internet-facing') });
    expect(replaced).toEqual([
      'replaces AWS::ElasticLoadBalancingV2::LoadBalancer',
      'takes away AWS::ElasticLoadBalancingV2::TargetGroup',
    ]);
  });
});
