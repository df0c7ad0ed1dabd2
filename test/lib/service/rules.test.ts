/** Many APIs on one listener: whose rule a request meets is never luck. */
import { CfnParameter, Fn } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { type ModelApiProps, ModelPlatform, ServingTarget, type ServingTargetProps } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, only, stackIn } from '../declaration';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const LISTENER = 'Stack/Platform/Internal/Listener';

/** APIs called A, B, … on one platform. */
function together(...apis: Partial<ModelApiProps>[]): Template {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform');
  for (const [index, props] of apis.entries()) apiIn(stack, { platform, ...props }, 'ABC'[index]);
  return Template.fromStack(stack);
}

describe('the priority of a rule', () => {
  test('is a hash of the path of its construct, the same in every release', () => {
    const priorities = ['One', 'Two', 'Three'].map((id) => {
      const stack = stackIn(testApp(), id);
      apiIn(stack);
      return only(Template.fromStack(stack), RULE).Priority;
    });
    expect(priorities).toEqual([29_801, 31_522, 37_006]);
  });

  test('that two APIs share is refused', () => {
    expect(() => together({ path: '/a', priority: 7 }, { path: '/b', priority: 7 })).toThrow(
      `[Stack/B/Target] priority 7 on the listener ${LISTENER} is taken by Stack/A/Target: give one of the two another priority`,
    );
  });

  test('is required on a listener that the platform was given', () => {
    const stack = stackIn();
    const { listener } = apiIn(stack, {}, 'Theirs');
    const platform = new ModelPlatform(stack, 'Platform', { listener });
    expect(() => apiIn(stack, { platform })).toThrow(
      '[Stack/Api] priority is required on the given listener Stack/Theirs/Platform/Internal/Listener, whose other rules synth cannot see: give an integer from 1 to 50000 that none of them has',
    );
  });

  test.each([
    ['its ARN', 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/b/c'],
    ['an export', Fn.importValue('listener')],
  ])('is claimed across two imports of one listener by %s', (_, listenerArn) => {
    const app = testApp();
    importedIn(stackIn(app, 'One'), listenerArn, { path: '/one', priority: 7 });
    expect(() => importedIn(stackIn(app, 'Two'), listenerArn, { path: '/two', priority: 7 })).toThrow(
      '[Two/Target] priority 7 on the listener Two/Listener is taken by One/Target',
    );
  });

  test('is claimed on the listener that an import means, and on no other', () => {
    const stack = stackIn();
    const [one, two] = ['One', 'Two'].map((id) => apiIn(stack, { path: '/a', priority: id.length }, id).listener);
    const listenerArn = one?.listenerArn ?? '';
    expect(() => importedIn(new Construct(stack, 'Same'), listenerArn, { path: '/b', priority: 3 })).toThrow(
      '[Stack/Same/Target] priority 3 on the listener Stack/Same/Listener is taken by Stack/One/Target',
    );
    const other = two?.listenerArn ?? '';
    expect(() => importedIn(new Construct(stack, 'Other'), other, { path: '/b', priority: 4 })).not.toThrow();
  });

  test('is required of a target by itself on a listener that was imported', () => {
    expect(() => importedIn(stackIn(), Fn.importValue('listener'), {})).toThrow(
      '[Stack/Target] priority is required on the imported listener Stack/Listener, whose other rules synth cannot see: give an integer from 1 to 50000 that none of them has',
    );
  });

  test('is not compared when the deployment alone knows it', () => {
    const stack = stackIn();
    const priority = new CfnParameter(stack, 'Priority', { type: 'Number' }).valueAsNumber;
    const platform = new ModelPlatform(stack, 'Platform');
    for (const id of ['A', 'B']) apiIn(stack, { platform, path: `/${id}`, priority }, id);
    Template.fromStack(stack).resourceCountIs(RULE, 2);
  });
});

/** A target by itself on a listener that this app does not define. */
function importedIn(scope: Construct, listenerArn: string, props: Partial<ServingTargetProps>): ServingTarget {
  const securityGroup = SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-1');
  const attributes = { listenerArn, securityGroup };
  const listener = ApplicationListener.fromApplicationListenerAttributes(scope, 'Listener', attributes);
  return new ServingTarget(scope, 'Target', { vpc: new Vpc(scope, 'Vpc'), listener, ...props });
}

describe('two rules that match the same requests', () => {
  const [any, sub] = [{ path: '/a' }, { path: '/a/b' }];

  test.each<[string, Partial<ModelApiProps>, Partial<ModelApiProps>, string]>([
    ['a path and one below it', any, sub, 'Stack/B/Target the lower number, or it is never called'],
    ['in whichever order', sub, any, 'Stack/A/Target the lower number, or it is never called'],
    ['the root and a path', {}, any, 'Stack/B/Target the lower number, or it is never called'],
    ['every host and one', {}, { host: 'a.example.com' }, 'Stack/B/Target the lower number, or it is never called'],
    [
      'a pattern and a host of it',
      { host: '*.example.com' },
      { host: 'A.example.com' },
      'Stack/B/Target the lower number, or it is never called',
    ],
    [
      'a host and a path, of which neither is within the other',
      { host: 'a.example.com' },
      any,
      'the lower number to the one that is to get them',
    ],
    [
      'two patterns that have names in common',
      { host: 'a.*.com' },
      { host: '*.b.com' },
      'the lower number to the one that is to get them',
    ],
  ])('need priorities: %s', (_, one, other, advice) => {
    expect(() => together(one, other)).toThrow(`match the same requests: give both APIs a priority, ${advice}`);
    expect(() => together({ ...one, priority: 3 }, other)).toThrow('give both APIs a priority');
  });

  test('are named with what they ask for', () => {
    expect(() => together(any, { host: 'a.example.com' })).toThrow(
      `[Stack/B/Target] path '/' of host 'a.example.com' and path '/a' of Stack/A/Target on the listener ${LISTENER} match the same requests`,
    );
  });

  test('stand together with the narrower first', () => {
    together({ ...any, priority: 20 }, { ...sub, priority: 10 }).resourceCountIs(RULE, 2);
    together({ ...sub, priority: 10 }, { ...any, priority: 20 }).resourceCountIs(RULE, 2);
  });

  test.each([
    [{ ...any, priority: 10 }, { ...sub, priority: 20 }, 'B', 'A'],
    [{ ...sub, priority: 20 }, { ...any, priority: 10 }, 'A', 'B'],
  ])('are refused with the wider first: %j, %j', (one, other, narrow, wide) => {
    expect(() => together(one, other)).toThrow(
      `priority 20 of Stack/${narrow}/Target comes after priority 10 of Stack/${wide}/Target, which takes every request of its path '/a/b': give Stack/${narrow}/Target a priority below 10`,
    );
  });

  test('are judged by what their wildcards stand for: any characters hold any one', () => {
    const [many, one] = [{ host: 'a*.example.com' }, { host: 'a?.example.com' }];
    together({ ...many, priority: 20 }, { ...one, priority: 10 }).resourceCountIs(RULE, 2);
    expect(() => together({ ...many, priority: 10 }, { ...one, priority: 20 })).toThrow(
      'give Stack/B/Target a priority below 10',
    );
  });

  test('stand in either order where neither is within the other', () => {
    const host = { host: 'a.example.com' };
    together({ ...host, priority: 10 }, { ...any, priority: 20 }).resourceCountIs(RULE, 2);
    together({ ...host, priority: 20 }, { ...any, priority: 10 }).resourceCountIs(RULE, 2);
  });

  test.each([
    [undefined, "path '/'"],
    ['/iris', "path '/iris'"],
  ])('and ask for the very same are refused: path %s', (path, named) => {
    expect(() => together({ path, priority: 8 }, { path, priority: 7 })).toThrow(
      `[Stack/B/Target] ${named} on the listener ${LISTENER} is taken by Stack/A/Target, and only one of the two would ever be called: give one of the two another path or host`,
    );
  });
});

describe('rules that never match the same request', () => {
  test.each<[Partial<ModelApiProps>, Partial<ModelApiProps>]>([
    [{ path: '/a' }, { path: '/b' }],
    [{ path: '/a' }, { path: '/ab' }],
    [{ path: '/a' }, { path: '/A' }],
    [{ host: 'a.example.com' }, { host: 'b.example.com' }],
    [{ host: '*.example.com' }, { host: 'example.com' }],
    [{ host: 'a.*.com' }, { host: 'b.*.com' }],
    [{ host: 'a?.example.com' }, { host: 'a.example.com' }],
    [
      { host: 'a.example.com', path: '/x' },
      { host: 'b.example.com', path: '/x/y' },
    ],
  ])('need no priorities: %j and %j', (one, other) => {
    together(one, other).resourceCountIs(RULE, 2);
  });
});

test('patterns of many wildcards are compared without trying every way in which they could meet', () => {
  const hosts = ['a*', '*a'].map((part, index) => `${part.repeat(5)}${'a'.repeat(100)}${index}.com`);
  together({ host: hosts[0] }, { host: hosts[1] }).resourceCountIs(RULE, 2);
});

describe('a host', () => {
  const FORM =
    "host must be a name that is known at synth, of letters, digits, -, _ and . with * and ? as wildcards (at most 5), and letters alone after the last ., such as 'iris.example.com'";

  test.each(['my_model.example.com', '*.*.*.*.*.example.com', '-a-.example.com', `${'a'.repeat(124)}.com`])(
    '%s is taken',
    (host) => {
      together({ host }).resourceCountIs(RULE, 1);
    },
  );

  test.each([
    'localhost',
    'a b.example',
    '.example.com',
    'a..b',
    '10.0.0.1',
    'api.*',
    'example.c0m',
    '*-?-?-?-?-?.example.com',
    `${'a'.repeat(125)}.com`,
  ])('%s is refused', (host) => {
    expect(() => together({ host })).toThrow(`[Stack/A] ${FORM} (got "${host}")`);
  });

  test('of a target by itself is judged alike', () => {
    const { vpc, listener } = apiIn(stackIn());
    const host = 'api.*';
    expect(() => new ServingTarget(listener, 'Own', { vpc, listener, host, priority: 1 })).toThrow(`Own] ${FORM}`);
  });
});
