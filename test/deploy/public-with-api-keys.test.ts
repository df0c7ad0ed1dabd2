/**
 * `examples/public-with-api-keys` against a moto server: certificate, name, keys and firewall. What moto's CloudFormation
 * leaves out is taken by each service's own API, and what refers to it is written again.
 */
import { DescribeListenersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateHostedZoneCommand, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MotoServer } from '../setup/moto/server';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, idOf, resourcesOf } from './deployment';
import { defineIgnored, holedResources, ignoredTypes, rewrite } from './ignored';
import { inventory, keptInventory } from './inventory';
import { ENTRANCE_APIS } from './own-apis/entrance';
import type { Echo } from './own-apis/own-api';
import { SERVICE_APIS, WITHOUT_API } from './own-apis/service';

const IGNORED = Object.keys(ENTRANCE_APIS);

/** What refers to something that moto leaves out. */
const HOLED = [
  'AWS::CloudWatch::Dashboard',
  'AWS::ECS::TaskDefinition',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::IAM::Policy',
  'AWS::Lambda::Function',
];

const ZONE = 'Z0123456789EXAMPLE';

/** The zone that the example imports. */
async function createZone(server: MotoServer): Promise<void> {
  const zone = new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: 'examples' });
  const { HostedZone } = await new Route53Client(clientOptions(server)).send(zone);
  expect(HostedZone?.Id).toBe(`/hostedzone/${ZONE}`);
}

describeWith(['moto'], 'cdk deploy and destroy of examples/public-with-api-keys', () => {
  let example: Deployment;
  let stack: DeployedStack;
  let types: string[];
  let echoes: Map<string, Echo[]>;
  let rewritten: Map<string, Echo[]>;

  beforeAll(async () => {
    example = await deploy('public-with-api-keys', { prepare: createZone });
    stack = example.stacks[0] as DeployedStack;
    types = ignoredTypes(example);
    const holed = holedResources(example);
    echoes = await defineIgnored(example);
    rewritten = await rewrite(example, holed);
  }, 120_000);
  afterAll(() => example?.end());

  async function records() {
    const query = new ListResourceRecordSetsCommand({ HostedZoneId: ZONE });
    const { ResourceRecordSets = [] } = await new Route53Client(clientOptions(example.server)).send(query);
    return ResourceRecordSets.filter(({ Type = '' }) => !['NS', 'SOA'].includes(Type));
  }

  async function listenerOn(port: number) {
    const LoadBalancerArn = idOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    const client = new ElasticLoadBalancingV2Client(clientOptions(example.server));
    const { Listeners } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
    return Listeners?.find(({ Port }) => Port === port);
  }

  test('moto leaves out exactly these types, and those of examples/iris', () => {
    expect(types).toEqual([...IGNORED, ...Object.keys(SERVICE_APIS), ...Object.keys(WITHOUT_API)].sort());
  });

  test.each(IGNORED)('%s comes back as declared', (type) => {
    expect(echoes.get(type)).toHaveLength(resourcesOf(stack, type).length);
    for (const { sent, received } of echoes.get(type) ?? []) expect(received).toMatchObject(sent);
  });

  test('what refers to something left out is of exactly these types', () => {
    expect([...rewritten.keys()].sort()).toEqual(HOLED);
  });

  test.each(HOLED)('%s comes back as declared when it is written again', (type) => {
    for (const { sent, received } of rewritten.get(type) ?? []) expect(received).toMatchObject(sent);
  });

  test('the listener shows the certificate, and plain HTTP is redirected', async () => {
    const certificate = stack.physicalIds.get(resourcesOf(stack, 'AWS::CertificateManager::Certificate')[0]?.[0] ?? '');
    expect(await listenerOn(443)).toMatchObject({ Protocol: 'HTTPS', Certificates: [{ CertificateArn: certificate }] });
    const redirect = { Type: 'redirect', RedirectConfig: { Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' } };
    expect((await listenerOn(80))?.DefaultActions).toMatchObject([redirect]);
  });

  test('the name leads to the load balancer, and its zone proves the certificate', async () => {
    const found = await records();
    const alias = found.find(({ Name }) => Name === 'iris.example.com.');
    expect(alias?.AliasTarget?.DNSName).toMatch(/^dualstack\..+\.elb\.amazonaws\.com$/);
    expect(found.map(({ Type }) => Type).sort()).toEqual(['A', 'CNAME']);
  });

  test('the secret begins with one key, by its id', async () => {
    const SecretId = idOf(stack, 'AWS::SecretsManager::Secret');
    const client = new SecretsManagerClient(clientOptions(example.server));
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    expect(JSON.parse(SecretString)).toEqual({ first: expect.stringMatching(/^[A-Za-z0-9]{32}$/) });
  });

  test('destroy leaves nothing but what its removal policies keep, and the zone as it was', async () => {
    await example.assembly.cdk('destroy', example.assembly.selector, '--force');
    expect(await inventory(example)).toEqual(keptInventory(example));
    // The record that proves the certificate was written here in CloudFormation's place, which leaves it there too.
    expect((await records()).map(({ Type }) => Type)).toEqual(['CNAME']);
  }, 60_000);
});
