import { NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { ModelPlatform } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { testApp } from '../../lib/assembly';
import { apiIn, stackIn } from '../../lib/declaration';
import { cost, type Document, estimateOf, itemOf } from './estimate';

describe('several APIs', () => {
  test('split what they share evenly, and the traffic of all of them fills the load balancer', async () => {
    const app = testApp();
    const stack = stackIn(app);
    const platform = new ModelPlatform(stack, 'Platform');
    for (const name of ['a', 'b']) apiIn(stack, { platform, path: `/${name}` }, name);
    const { apis, shared } = await estimateOf(app);
    expect(shared).toHaveLength(1);
    expect(shared[0]).toMatchObject({ apis: ['Stack/a', 'Stack/b'], split: 'evenly' });
    // 15 new connections a second are 0.6 capacity units.
    expect(itemOf(shared[0].items, 'load balancer')).toEqual({ idle: 73, target: 511, max: 4453 });
    for (const { month } of apis) {
      expect(month.shared.idle).toBeCloseTo(shared[0].total.idle / 2, 3);
      expect(month.items.map(({ label }: Document) => label)).not.toContain('load balancer');
    }
  });

  test('in stacks of their own, within a stage, share the stack of the platform', async () => {
    const app = testApp();
    const stage = new Stage(app, 'Production', { env: { account: '123456789012', region: 'eu-west-1' } });
    const platform = new ModelPlatform(new Stack(stage, 'Shared'), 'Platform');
    for (const name of ['a', 'b']) apiIn(new Stack(stage, name), { platform, path: `/${name}` }, 'Api');
    const { apis, shared } = await estimateOf(app);
    expect(apis.map(({ name }: Document) => name)).toEqual(['Production/a/Api', 'Production/b/Api']);
    expect(shared.map(({ apis: users }: Document) => users)).toEqual([['Production/a/Api', 'Production/b/Api']]);
    for (const name of ['Production/a', 'Production-a']) {
      const one = await estimateOf(app, ['--stack', name]);
      expect(one.apis).toEqual([apis[0]]);
    }
  });

  test('with a platform each share nothing', async () => {
    const app = testApp();
    const stack = stackIn(app);
    for (const name of ['a', 'b']) apiIn(stack, {}, name);
    const { apis, shared } = await estimateOf(app);
    expect(shared).toEqual([]);
    for (const { month } of apis) expect(itemOf(month.items, 'NAT gateway').idle).toBe(7.3);
  });
});

test('an API in a nested stack is found', async () => {
  const context = { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true };
  const app = testApp({ context });
  const stack = stackIn(app);
  const platform = new ModelPlatform(stack, 'Platform');
  apiIn(new NestedStack(stack, 'Inside'), { platform, path: '/a' });
  const { apis } = await estimateOf(app);
  expect(apis[0]).toMatchObject({ name: 'Stack/Inside/Api', region: 'eu-west-1' });
  expect(itemOf(apis[0].month.items, 'load balancer').idle).toBe(73);
});

describe('the region of a stack that may go anywhere', () => {
  async function assumed(args: string[], env: NodeJS.ProcessEnv): Promise<[string, string | undefined]> {
    const app = testApp();
    apiIn(stackIn(app, 'Anywhere', {}));
    app.synth();
    const { stdout } = await cost([app.outdir, '--json', ...args], env);
    const { apis, assumptions } = JSON.parse(stdout);
    return [apis[0].region, assumptions.find((one: string) => one.includes('without a region'))];
  }

  test.each([
    [[], {}, 'us-east-1'],
    [[], { AWS_REGION: 'eu-central-1' }, 'eu-central-1'],
    [['--region', 'us-west-2'], { AWS_REGION: 'eu-central-1' }, 'us-west-2'],
  ])('is said: %j %j', async (args, env, region) => {
    expect(await assumed(args, env)).toEqual([
      region,
      `stacks without a region are taken to ${region}: another by --region`,
    ]);
  });
});
