/** A cluster takes one change at a time: its capacity providers in one stack come one after the other. */
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { Compute, ManagedFleet, type ModelApi, ModelPlatform } from '../../../lib';
import { apiIn, stackIn } from '../declaration';
import { TemplateGraph } from '../template-graph';

type Apis = readonly [ModelApi, ModelApi, ModelApi];

/** Providers of three APIs, the first with two, the last on a fleet: by what their logical ids begin with, in order. */
function orderWhere(tell: (...apis: Apis) => void = () => undefined): string[] {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform');
  const on = (id: string, compute: Compute) => apiIn(stack, { platform, path: `/${id.toLowerCase()}`, compute }, id);
  const a = on('Apple', Compute.managedInstances({ spotShare: 0.5 }));
  const b = on('Banana', Compute.managedInstances());
  const c = on('Cherry', Compute.managedInstances({ fleet: new ManagedFleet(stack, 'Fleet', { platform }) }));
  tell(a, b, c);
  const graph = new TemplateGraph(Template.fromStack(stack));
  const ids = graph.ids('AWS::ECS::CapacityProvider');
  const before = (one: string) => ids.filter((other) => graph.isAround(other, one)).length;
  const places = ids.map(before);
  expect([...places].sort()).toEqual([0, 1, 2, 3]);
  return ids
    .sort((one, other) => before(one) - before(other))
    .map((id) => id.replace(/Capacity(OnDemand|Spot).*/, '.$1'));
}

test('in the order in which they were declared, Spot after on demand', () => {
  expect(orderWhere()).toEqual(['Apple.OnDemand', 'Apple.Spot', 'Banana.OnDemand', 'Fleet.OnDemand']);
});

test.each<[string, (...apis: Apis) => void, string[]]>([
  ['an API', (a, b) => a.node.addDependency(b), ['Banana.OnDemand', 'Apple.OnDemand', 'Apple.Spot', 'Fleet.OnDemand']],
  [
    'its service alone',
    (a, b) => a.node.addDependency(b.service),
    ['Banana.OnDemand', 'Apple.OnDemand', 'Apple.Spot', 'Fleet.OnDemand'],
  ],
  [
    'one on a fleet',
    (a, _, c) => a.node.addDependency(c),
    ['Fleet.OnDemand', 'Apple.OnDemand', 'Apple.Spot', 'Banana.OnDemand'],
  ],
])('those that wait for %s declared later come after its own', (_, tell, order) => {
  expect(orderWhere(tell)).toEqual(order);
});
