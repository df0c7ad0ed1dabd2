/**
 * The vocabulary of the tests of `model-api cost`: apps that are synthesized as users' are, prices that are easy to
 * compute with, and the command in a process of its own.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { expect } from 'vitest';
import { type Ended, modelApi, temporaryFolder } from '../command';

/** The region of the declarations under test. */
export const REGION = 'eu-west-1';

/** Dollars that a reader can multiply without a calculator; every price of the region that a test uses. */
export const ROUND_PRICES = {
  date: 'today',
  source: 'a test',
  everywhere: {
    publicIp: 0.001,
    metric: 2,
    alarm: 3,
    highResolutionAlarm: 5,
    compositeAlarm: 7,
    dashboard: 11,
    secret: 13,
    webAcl: 17,
    webAclRule: 1,
    webAclMillionRequests: 1,
    managedInstancesFee: 0.5,
    ec2SpotDiscount: 0.75,
  },
  regions: {
    [REGION]: {
      fargate: { x86: { vcpu: 1, gb: 0.1 }, arm: { vcpu: 0.5, gb: 0.05 }, diskGb: 0.01, spotDiscount: 0.5 },
      ec2: { m5: 1, 'g5.xlarge': 4, c6g: 0.5, m6g: 0.75 },
      diskGbMonth: 0.1,
      loadBalancer: { hour: 0.1, capacityUnit: 1 },
      natGateway: 0.01,
      vpcEndpoint: 0.002,
      logsGb: 10,
      sagemaker: { 'ml.m5.large': 2, 'ml.c6i.large': 0.02, 'ml.g5.xlarge': 5 },
    },
  },
};

export type Columns = { idle: number; target: number; max: number };

// biome-ignore lint/suspicious/noExplicitAny: the document is what the tests are about.
export type Document = any;

/** A file for `--prices`. */
export function priceFile(prices: object): string {
  const file = join(temporaryFolder(), 'prices.json');
  writeFileSync(file, JSON.stringify(prices));
  return file;
}

/** No region of the machine's that runs the tests. */
const ENV = { AWS_REGION: '', AWS_DEFAULT_REGION: '' };

export function cost(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return modelApi(['cost', ...args], { env: { ...ENV, ...env } });
}

/** What the command says of an app as JSON, by prices that are easy to compute with. */
export async function estimateOf(app: App, args: string[] = [], prices: object = ROUND_PRICES): Promise<Document> {
  app.synth();
  const { code, stdout, stderr } = await cost([app.outdir, '--json', '--prices', priceFile(prices), ...args]);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** The cost of the only line whose label is this, or begins so. */
export function itemOf(items: readonly Document[], label: string): Columns {
  const found = items.filter((item) => item.label.startsWith(label));
  expect(found, `${label} in ${items.map((item) => item.label)}`).toHaveLength(1);
  const { label: _, ...columns } = found[0];
  return columns;
}
