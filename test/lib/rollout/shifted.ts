/** APIs whose versions take turns, and the parts of their templates. */
import type { Template } from 'aws-cdk-lib/assertions';
import { expect } from 'vitest';
import { type BlueGreenOptions, type ModelApiProps, Rollout } from '../../../lib';
import { declared, sampled } from '../declaration';

export const SERVICE = 'AWS::ECS::Service';
export const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
export const FUNCTION = 'AWS::Lambda::Function';

export function shifted(rollout: Rollout, props: Partial<ModelApiProps> = {}): Template {
  return declared({ handler: sampled, rollout, ...props });
}

export const blueGreen = (options?: BlueGreenOptions) => shifted(Rollout.blueGreen(options));

/** The only resource of a type whose logical id begins so. */
// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
export function named(template: Template, type: string, start: string): any {
  const found = Object.entries(template.findResources(type)).filter(([id]) => id.startsWith(start));
  expect(found).toHaveLength(1);
  return found[0]?.[1];
}
