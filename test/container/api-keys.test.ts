/** API keys in a container: the gateway reads them by the AWS SDK in its image, with the credentials of the task's role. */
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Access, Auth, ModelApi, ModelHandler } from 'cdk-model-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MANAGEMENT_PORT } from '../../runtime/contract/manifest';
import { type MotoServer, REGION, startMoto } from '../setup/moto/server';
import { describeWith } from '../setup/needs';
import { type Declared, declareIn } from './declared';
import { MODEL } from './model-copy';
import { Replica } from './replica';
import { ask } from './request';
import { TaskNetwork } from './task-network';

const BUILD_TIMEOUT_MS = 300_000;
const KEY = 'q8-0123456789abcdef';
const NEXT = 'r9-0123456789abcdef';

function declaredWith(arn: string): Declared {
  return declareIn((app) => {
    const stack = new Stack(app, 'Container');
    const access = Access.internal({ auth: Auth.apiKeys(Secret.fromSecretCompleteArn(stack, 'Keys', arn)) });
    new ModelApi(stack, 'Model', { handler: ModelHandler.fromDirectory(MODEL), access });
  });
}

describeWith(['docker', 'moto'], 'a replica that asks for API keys', () => {
  let network: TaskNetwork;
  let moto: MotoServer;
  let secrets: SecretsManagerClient;
  let arn: string;
  let replica: Replica;
  beforeAll(async () => {
    network = await TaskNetwork.start();
    moto = await startMoto('', network.host);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    secrets = new SecretsManagerClient({ endpoint: moto.endpoint, region: REGION, credentials });
    const SecretString = JSON.stringify({ 'team-a': KEY });
    arn = (await secrets.send(new CreateSecretCommand({ Name: 'keys', SecretString }))).ARN as string;
    const environment = { ...network.environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint };
    replica = await Replica.run(declaredWith(arn), { network: network.name, environment });
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    replica?.task.remove();
    await moto?.stop();
    network?.stop();
  });

  const predict = (headers: object) => ask(replica.url, '/predict', { body: { do: 'tell' }, headers });

  test('lets in who has one, and nobody else', async () => {
    for (const headers of [{ 'x-api-key': KEY }, { authorization: `Bearer ${KEY}` }])
      expect(await predict(headers)).toMatchObject({ status: 200, body: { code: 'first' } });
    for (const headers of [{}, { 'x-api-key': `${KEY}x` }])
      expect(await predict(headers)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  test('asks nobody for one on the management port', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect([path, await replica.status(`${replica.task.origin}:${MANAGEMENT_PORT}${path}`)]).toEqual([path, 200]);
  });

  test("has read them with the credentials of the task's role", () => {
    expect(network.asked).toBeGreaterThan(0);
    expect(replica.task.logs()).toContain('The API keys are those of team-a.');
  });

  test('lets a new key in at once, beside the old one', async () => {
    const SecretString = JSON.stringify({ 'team-a': [NEXT, KEY] });
    await secrets.send(new PutSecretValueCommand({ SecretId: arn, SecretString }));
    for (const key of [NEXT, KEY]) expect(await predict({ 'x-api-key': key })).toMatchObject({ status: 200 });
  });
});
