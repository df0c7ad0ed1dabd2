/** Prices of the user's go before those of the table, the general ones too; what nothing uses is said. */
import { Template } from 'aws-cdk-lib/assertions';
import { ModelPlatform } from 'cdk-model-api';
import { expect, test } from 'vitest';
import { testApp } from '../../lib/assembly';
import { apiIn, stackIn } from '../../lib/declaration';
import { type Document, estimateOf, itemOf } from './estimate';
import { FleetStack } from './fleet-app';

const HOURS = 730;

/** A GiB of volume, a month: 30 of them are the disk of an instance. */
const NO_DISK = { diskGbMonth: 0 };

async function onG5(prices: object): Promise<Document> {
  const app = testApp();
  const stack = new FleetStack(app);
  stack.api('Iris', { provider: stack.group('g5.xlarge', { min: 1, max: 2 }), gpus: 1 });
  return estimateOf(app, [], prices);
}

function instanceMonth({ apis }: Document): number {
  return itemOf(apis[0].month.items, 'g5.xlarge with its disk').idle;
}

test('a price of everywhere goes before the own one that a region has in the table', async () => {
  const app = testApp();
  const stack = stackIn(app);
  const platform = new ModelPlatform(stack, 'Platform');
  apiIn(stack, { platform, path: '/a' });
  const prices = { everywhere: { natGateway: 1, loadBalancer: { hour: 2 }, fargate: { x86: { vcpu: 0, gb: 0 } } } };
  const { apis, prices: said } = await estimateOf(app, [], prices);
  const gateways = Object.keys(Template.fromStack(stack).findResources('AWS::EC2::NatGateway')).length;
  const { items } = apis[0].month;
  expect(itemOf(items, 'NAT gateway').idle).toBe(gateways * HOURS);
  expect(itemOf(items, 'load balancer').idle).toBe(2 * HOURS);
  expect(itemOf(items, 'Fargate').max).toBe(0);
  expect(said.overriddenBy.unused).toEqual([]);
});

test.each([
  ['of a family', { regions: { 'eu-west-1': { ec2: { g5: 0.5 }, ...NO_DISK } } }, 1],
  ['of a family, everywhere', { everywhere: { ec2: { g5: 0.5 }, ...NO_DISK } }, 1],
  ['of a type before that of its family', { everywhere: { ec2: { g5: 0.5, 'g5.xlarge': 3 }, ...NO_DISK } }, 3],
  [
    'of the region before that of everywhere',
    { everywhere: { ec2: { 'g5.xlarge': 3 }, ...NO_DISK }, regions: { 'eu-west-1': { ec2: { g5: 0.5 } } } },
    1,
  ],
])('the price %s goes before that of the type in the table', async (_, prices, hour) => {
  expect(instanceMonth(await onG5(prices))).toBe(hour * HOURS);
});

test('what nothing uses is said by its path', async () => {
  const prices = {
    everywhere: { ec2: { 'g5.xlarge': 3, 'g5.2xlarge': 4 } },
    regions: { 'eu-wset-1': { natGateway: 1 } },
  };
  const { assumptions, prices: said } = await onG5(prices);
  const unused = ['everywhere.ec2.g5.2xlarge', 'regions.eu-wset-1.natGateway'];
  expect(said.overriddenBy).toMatchObject({ date: null, source: null, unused });
  expect(said.date).toBe('November 2026');
  expect(assumptions).toContain(`of --prices, these are used by nothing here: ${unused.join(', ')}`);
});

test('SageMaker is a multiple of what the table has for EC2, whatever the user pays for that', async () => {
  const month = async (prices: object) => (await onG5(prices)).apis[0].sagemaker.month.idle;
  const listed = await month({});
  expect(await month({ everywhere: { ec2: { g5: 0.01 } } })).toBe(listed);
  expect(await month({ everywhere: { ec2: { g5: 0.01 }, sagemakerMarkup: { g5: 2.8 } } })).toBeCloseTo(2 * listed, 3);
  expect(await month({ everywhere: { sagemaker: { 'ml.g5.xlarge': 2 } } })).toBe(2 * HOURS);
});
