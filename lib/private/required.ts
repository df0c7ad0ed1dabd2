/**
 * What plain JavaScript may leave out, or give as something else, though the types forbid it. It would fail far from its
 * cause, in words about our code. Tells by one member that the real thing has; judges nothing else of it.
 */
import type { IConstruct } from 'constructs';
import { Check } from './check';

/** Notes a value without the member; `such` says what would have it. */
export function checkGiven(check: Check, name: string, value: unknown, member: string, such: string): void {
  const has = typeof value === 'object' && value !== null && member in value;
  check.that(has, `${name} must be ${such} (got ${described(value)})`);
}

/** By prop of `ModelApi`: the member that tells it, and one to give. */
const REQUIRED = {
  handler: ['_bind', "a ModelHandler, such as ModelHandler.fromDirectory('models/iris')"],
  access: ['_bind', 'an Access, such as Access.internal()'],
} as const;
const OPTIONAL = {
  platform: ['_admit', "a ModelPlatform, such as new ModelPlatform(stack, 'Platform')"],
  compute: ['_bind', 'a Compute, such as Compute.fargate()'],
  scaling: ['_bind', 'a Scaling, such as Scaling.onConcurrency({ minReplicas: 2 })'],
  rollout: ['_bind', 'a Rollout, such as Rollout.rolling()'],
  monitoring: ['_bind', 'a Monitoring, such as Monitoring.standard({ topic })'],
} as const;

/** Throws what an API lacks of the parts that it is made of. */
export function checkParts(scope: IConstruct, props: object): void {
  const values = new Map<string, unknown>(Object.entries({ ...props }));
  const check = new Check(scope);
  for (const [name, [member, such]] of Object.entries(REQUIRED))
    checkGiven(check, name, values.get(name), member, such);
  for (const [name, [member, such]] of Object.entries(OPTIONAL)) {
    if (values.get(name) !== undefined) checkGiven(check, name, values.get(name), member, such);
  }
  check.done();
}

function described(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null
    ? `an object of ${value.constructor?.name ?? 'no class'}`
    : `${value}`;
}
