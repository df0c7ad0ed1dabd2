/** The ECS service: how replicas come, go and are replaced. */
import { Duration, Fn, type Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Peer, SecurityGroup, type SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type CfnService, Cluster } from 'aws-cdk-lib/aws-ecs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { type ModelApiProps, ModelPlatform } from '../../../lib';
import { findingsOf, testApp } from '../assembly';
import { apiIn, declared, only, stackIn, warningsOf } from '../declaration';

const SERVICE = 'AWS::ECS::Service';

describe('the service', () => {
  test('replaces replicas without losing one, and takes a bad version back', () => {
    expect(only(declared(), SERVICE)).toMatchObject({
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      AvailabilityZoneRebalancing: 'ENABLED',
    });
  });

  test('keeps the running count at a redeploy', () => {
    expect(only(declared(), SERVICE)).not.toHaveProperty('DesiredCount');
  });

  test('waits with health checks until the model may have loaded', () => {
    expect(only(declared({ loadTimeout: Duration.minutes(2) }), SERVICE).HealthCheckGracePeriodSeconds).toBe(150);
  });

  test('always has a capacity provider strategy, since changing to one would replace it', () => {
    const service = only(declared(), SERVICE);
    expect(service.CapacityProviderStrategy).toEqual([{ CapacityProvider: 'FARGATE', Weight: 1 }]);
    expect(service).not.toHaveProperty('LaunchType');
  });

  test('starts when its image can be pulled, by a route and with a permission', () => {
    const [service] = Object.values(declared().findResources(SERVICE));
    const waits = service?.DependsOn.join(' ');
    expect(waits).toMatch(/ExecutionRoleDefaultPolicy/);
    expect(waits).toMatch(/PrivateSubnet1DefaultRoute/);
    expect(waits).toMatch(/TargetRule/);
  });

  test.each<[string, (stack: Stack) => Partial<ModelApiProps>]>([
    ['its own cluster', () => ({})],
    [
      'a given cluster of the same stack',
      (stack) => {
        const cluster = new Cluster(stack, 'Cluster', {
          vpc: new Vpc(stack, 'Vpc'),
          enableFargateCapacityProviders: true,
        });
        return { platform: new ModelPlatform(stack, 'Platform', { cluster }) };
      },
    ],
  ])('comes after the capacity providers of %s, and goes before them', (_, propsIn) => {
    const stack = stackIn();
    apiIn(stack, propsIn(stack));
    const template = Template.fromStack(stack);
    const [association] = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
    const [service] = Object.values(template.findResources(SERVICE));
    expect(service?.DependsOn).toContain(association);
  });
});

test('a replica takes requests from the load balancer and the probe, health checks from the load balancer, nothing else', () => {
  const stack = stackIn();
  apiIn(stack);
  const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress'));
  const admitted = rules.map(({ Properties }) => [
    Properties.SourceSecurityGroupId['Fn::GetAtt'][0],
    Properties.FromPort,
  ]);
  expect(admitted.sort()).toEqual([
    [expect.stringMatching(/^ApiPlatformInternalSecurityGroup/), 8080],
    [expect.stringMatching(/^ApiPlatformInternalSecurityGroup/), 8081],
    [expect.stringMatching(/^ApiProbeSecurityGroup/), 8080],
  ]);
});

/** What the replicas let in: port, who, why. */
function admitted(template: Template): [number, unknown, string][] {
  const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(
    ({ Properties }) => Properties.SecurityGroupIngress ?? [],
  );
  const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map((one) => one.Properties);
  return [...groups, ...rules].map(({ FromPort, CidrIp, SourceSecurityGroupId, Description }) => [
    FromPort,
    CidrIp ?? SourceSecurityGroupId,
    Description,
  ]);
}

describe('scrapers', () => {
  test('read health and metrics, and get no prediction', () => {
    const stack = stackIn();
    const prometheus = SecurityGroup.fromSecurityGroupId(stack, 'Prometheus', 'sg-0123456789abcdef0');
    apiIn(stack, { scrapers: [prometheus, Peer.ipv4('10.1.0.0/16')] });
    const theirs = admitted(Template.fromStack(stack)).filter(([, , why]) => why === 'Scrapers of metrics');
    expect(theirs.sort()).toEqual([
      [8081, '10.1.0.0/16', 'Scrapers of metrics'],
      [8081, 'sg-0123456789abcdef0', 'Scrapers of metrics'],
    ]);
  });

  test.each([
    ['0.0.0.0/0', Peer.anyIpv4()],
    ['::/0', Peer.anyIpv6()],
    ['128.0.0.0/1', Peer.ipv4('128.0.0.0/1')],
  ])('are not %s', (range, everybody) => {
    expect(() => declared({ scrapers: [everybody] })).toThrow(
      `[Stack/Api] scrapers must not be everybody (got ${range}), whom the metrics of a model are no business of: give a security group or an address range`,
    );
  });

  test('may be known at deployment only, which is said to those who judge the rule', () => {
    const app = testApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    apiIn(stackIn(app), { scrapers: [Peer.ipv4(Fn.importValue('monitoring'))] });
    expect(findingsOf(app)).toEqual([]);
  });
});

describe('given security groups', () => {
  test('take the place of ours, and let in the same', () => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc');
    const own = new SecurityGroup(stack, 'Own', { vpc });
    const api = apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }), securityGroups: [own] });
    expect(api.connections.securityGroups).toEqual([own]);
    const template = Template.fromStack(stack);
    const { SecurityGroups } = only(template, SERVICE).NetworkConfiguration.AwsvpcConfiguration;
    expect(SecurityGroups).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^Own/), 'GroupId'] }]);
    expect(admitted(template).map(([port]) => port)).toEqual(expect.arrayContaining([8080, 8081]));
    expect(Object.keys(template.findResources('AWS::EC2::SecurityGroup')).join()).not.toContain('ApiSecurityGroup');
  });

  const imported = (mutable: boolean) => (scope: Stack, id: string) =>
    SecurityGroup.fromSecurityGroupId(scope, id, `sg-${id}`, { mutable });
  const [open, closed] = [imported(true), imported(false)];
  const defined = (scope: Stack, id: string) => new SecurityGroup(scope, id, { vpc: new Vpc(scope, 'Vpc') });

  test('that are imported as immutable get no rules, and the warning has those that they need', () => {
    const stack = stackIn();
    apiIn(stack, { securityGroups: [closed(stack, 'Closed')], scrapers: [Peer.ipv4('10.1.0.0/16')] });
    expect(admitted(Template.fromStack(stack)).filter(([port]) => port > 1024)).toEqual([]);
    expect(warningsOf(stack)).toEqual(['cdk-model-api:immutableSecurityGroups']);
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Api',
      Match.stringLikeRegexp(
        'TCP 8080 and 8081 from the security group of the load balancer, 8080 from that of Stack/Api/Probe, and 8081 from the scrapers',
      ),
    );
  });

  test.each([
    ['imported as mutable', [open]],
    ['defined here', [defined]],
    ['of which one takes rules', [closed, open]],
  ])('%s are not warned of', (_, groups) => {
    const stack = stackIn();
    apiIn(stack, { securityGroups: groups.map((group, index) => group(stack, `Group${index}`)) });
    expect(warningsOf(stack)).toEqual([]);
  });

  test('are at least one', () => {
    expect(() => declared({ securityGroups: [] })).toThrow(
      '[Stack/Api] securityGroups is empty: give at least one, or leave it out',
    );
  });
});

describe('subnets', () => {
  function replicasIn(vpcSubnets?: SubnetSelection, ofPlatform?: SubnetSelection) {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc', {
      maxAzs: 2,
      subnetConfiguration: [
        { name: 'Front', subnetType: SubnetType.PUBLIC },
        { name: 'Models', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Data', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
    });
    const platform = new ModelPlatform(stack, 'Platform', { vpc, vpcSubnets: ofPlatform });
    apiIn(stack, { platform, vpcSubnets });
    return Object.values(Template.fromStack(stack).findResources(SERVICE))[0];
  }

  const names = (service: ReturnType<typeof replicasIn>) =>
    service?.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets.map(({ Ref }: { Ref: string }) => Ref);

  test('are those of the platform, unless the API says others', () => {
    const models = { subnetGroupName: 'Models' };
    const data = { subnetGroupName: 'Data' };
    expect(names(replicasIn(undefined, models))).toEqual([
      expect.stringMatching(/VpcModelsSubnet1/),
      expect.stringMatching(/VpcModelsSubnet2/),
    ]);
    const service = replicasIn(data, models);
    expect(names(service)).toEqual([expect.stringMatching(/VpcDataSubnet1/), expect.stringMatching(/VpcDataSubnet2/)]);
    expect(service?.DependsOn.join(' ')).toMatch(/VpcDataSubnet1DefaultRoute/);
  });

  test('are not public', () => {
    expect(() => replicasIn({ subnetGroupName: 'Front' })).toThrow(
      '[Stack/Api] vpcSubnets of the VPC Stack/Vpc are public, and without a public address nobody can pull an image there: give some that have a NAT gateway or endpoints',
    );
  });
});

test('every part can be reached beneath what the API does not offer', () => {
  const stack = stackIn();
  const api = apiIn(stack);
  (api.service.node.defaultChild as CfnService).addPropertyOverride('EnableExecuteCommand', true);
  expect(only(Template.fromStack(stack), SERVICE).EnableExecuteCommand).toBe(true);
});

test("an API in subnets of its own without a way out says so, also where the platform's have one", () => {
  const isolated = { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED };
  const warned = (vpcSubnets: SubnetSelection) => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc', { subnetConfiguration: [...Vpc.DEFAULT_SUBNETS, isolated] });
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }), vpcSubnets });
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('no way out'))
      .map(({ id }) => id);
  };
  expect(warned({ subnetType: SubnetType.PRIVATE_ISOLATED })).toEqual(['/Stack/Api']);
  expect(warned({ subnetType: SubnetType.PRIVATE_WITH_EGRESS })).toEqual([]);
});
