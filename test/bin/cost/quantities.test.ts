import { readFileSync } from 'node:fs';
import { ModelPlatform } from 'cdk-model-api';
import { expect, test } from 'vitest';
import { testApp } from '../../lib/assembly';
import { quantitiesOf } from '../../lib/cost';
import { apiIn, stackIn } from '../../lib/declaration';
import { templatesOf } from '../../lib/whole-apps';
import { cost, itemOf, REGION } from './estimate';

test('idle is what quantities in the template, counted by another hand, come to by the prices of the package', async () => {
  const app = testApp();
  const stack = stackIn(app);
  apiIn(stack, { platform: new ModelPlatform(stack, 'Platform') });
  const quantities = quantitiesOf(templatesOf(app));
  const { everywhere, regions } = JSON.parse(readFileSync('bin/cost/prices.json', 'utf8'));
  const here = regions[REGION];
  const hour = {
    'Fargate, vCPU': here.fargate.x86.vcpu,
    'Fargate, GB of memory': here.fargate.x86.gb,
    'load balancer': here.loadBalancer.hour,
    'NAT gateway': here.natGateway,
    'public IPv4 address': everywhere.publicIp,
  };
  const month = {
    'custom metric': everywhere.metric,
    'metric of an alarm': everywhere.alarm,
    'metric of a high-resolution alarm': everywhere.highResolutionAlarm,
    'composite alarm': everywhere.compositeAlarm,
    dashboard: everywhere.dashboard,
    secret: everywhere.secret,
  };
  expect(Object.keys(quantities).sort()).toEqual(Object.keys({ ...hour, ...month }).sort());
  const by = (prices: Record<string, number>) =>
    Object.entries(prices).reduce((total, [what, price]) => total + price * (quantities[what] ?? 0), 0);
  const { apis } = JSON.parse((await cost([app.outdir, '--json'])).stdout);
  const log = itemOf(apis[0].month.items, 'log').idle;
  expect(apis[0].month.total.idle - log).toBeCloseTo(730 * by(hour) + by(month), 2);
});
