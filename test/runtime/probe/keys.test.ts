/** The probe function before an API that asks for keys: a real gateway, one secret for both. */
import { rmSync } from 'node:fs';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../setup/needs';
import { until } from '../gate';
import { secretOfKeys } from '../secret';
import type { Serving } from '../serve';
import { deployedProbe, importProbe, type Probe } from './deployed';

const FIRST = 'the-first-key-of-team-a';
const SECOND = 'the-second-key-of-team-a';
const SAMPLES = [{ name: 'one', input: { value: 1 }, output: 1 }];

/** A target group with this replica alone. */
async function targetGroupOf(api: Serving): Promise<string> {
  const { Vpc } = await new EC2Client().send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const elb = new ElasticLoadBalancingV2Client();
  const Name = `replicas-${new URL(api.url).port}`;
  const group = { Name, Protocol: 'HTTP', Port: 8080, VpcId: Vpc?.VpcId, TargetType: 'ip' } as const;
  const { TargetGroups } = await elb.send(new CreateTargetGroupCommand(group));
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn as string;
  const Targets = [{ Id: '127.0.0.1', Port: Number(new URL(api.url).port) }];
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  return TargetGroupArn;
}

describeWith(['moto'], 'an API with keys', () => {
  const secret = secretOfKeys();
  let probe: Probe;
  let api: Serving;

  beforeEach(async () => {
    await secret.put({ 'team-a': FIRST });
    api = await secret.serve();
    await until(async () => (await api.manage('/readyz')).status === 200);
    Object.assign(process.env, secret.environment, { BASE_PATH: '', TIMEOUT_MS: '5000' });
    Object.assign(process.env, { TARGET_GROUP_ARN: await targetGroupOf(api), API_KEYS_SECRET: secret.arn });
    const folder = deployedProbe(SAMPLES);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    probe = await importProbe(folder);
    secret.reads = 0;
  });

  test('is asked with a key of the secret, which is kept for the next requests', async () => {
    expect(await probe({ body: { value: 1 } })).toMatchObject({ statusCode: 200, body: '1' });
    expect((await probe({ samples: true })).samples[0]).toMatchObject({ statusCode: 200 });
    expect(secret.reads).toBe(1);
    expect((await api.line(({ status }) => status === 200)).key_id).toBe('team-a');
  });

  test('that refuses the kept key is asked with the key of now', async () => {
    await probe({ body: { value: 1 } });
    await secret.put({ 'team-a': SECOND });
    // As when the old key's time is over: this replica has never seen it.
    const other = await secret.serve();
    await until(async () => (await other.manage('/readyz')).status === 200);
    process.env.TARGET_GROUP_ARN = await targetGroupOf(other);
    expect(await probe({ body: { value: 2 } })).toMatchObject({ statusCode: 200, body: '2' });
  });

  test('is not asked when the secret cannot be read or is none, and the reason is told', async () => {
    await secret.put('no JSON');
    await expect(probe({})).rejects.toThrow(`the secret ${secret.arn} is not JSON`);
    process.env.API_KEYS_SECRET = `${secret.arn}-gone`;
    await expect(probe({})).rejects.toThrow(/^the API keys cannot be read from arn:\S+-gone: /);
  });
});
