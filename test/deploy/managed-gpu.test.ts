/**
 * `examples/managed-gpu` against a moto server: what it adds to an API comes and goes. moto has no capacity providers of
 * Managed Instances, neither by CloudFormation nor by the API of ECS; that AWS has what the template says of one is shown
 * by the AWS SDK, which leaves out of a request what the API does not know, and lists the values that it knows.
 */
import {
  AcceleratorManufacturer,
  AcceleratorName,
  AcceleratorType,
  CapacityOptionType,
  CpuManufacturer,
  CreateCapacityProviderCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  PropagateMITags,
} from '@aws-sdk/client-ecs';
import { GetInstanceProfileCommand, GetRolePolicyCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, idOf, resourcesOf } from './deployment';
import { ignoredTypes } from './ignored';
import { inventory, keptInventory } from './inventory';
import { inCamelCase } from './own-apis/own-api';
import { SERVICE_APIS, WITHOUT_API } from './own-apis/service';

const PROVIDER = 'AWS::ECS::CapacityProvider';

type Resource = ReturnType<typeof resourcesOf>[number];

interface Provider {
  readonly PropagateTags: string;
  readonly InstanceLaunchTemplate: {
    readonly CapacityOptionType: string;
    readonly InstanceRequirements: Readonly<Record<string, readonly string[]>>;
  };
}

describeWith(['moto'], 'cdk deploy and destroy of examples/managed-gpu', () => {
  let example: Deployment;
  let stack: DeployedStack;

  beforeAll(async () => {
    example = await deploy('managed-gpu');
    stack = example.stacks[0] as DeployedStack;
  }, 120_000);
  afterAll(() => example?.end());

  test('moto leaves out the capacity provider beside what it leaves out of any API', () => {
    expect(ignoredTypes(example)).toEqual([...Object.keys(SERVICE_APIS), ...Object.keys(WITHOUT_API), PROVIDER].sort());
  });

  test('the task definition asks for a GPU; moto forgets what it is compatible with', async () => {
    const client = new ECSClient(clientOptions(example.server));
    const { taskDefinition } = await client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: idOf(stack, 'AWS::ECS::TaskDefinition') }),
    );
    const [container] = taskDefinition?.containerDefinitions ?? [];
    expect(container?.resourceRequirements).toEqual([{ type: 'GPU', value: '1' }]);
  });

  test('the role of the infrastructure hands over the role that the instance profile has', async () => {
    const client = new IAMClient(clientOptions(example.server));
    const InstanceProfileName = idOf(stack, 'AWS::IAM::InstanceProfile');
    const { InstanceProfile } = await client.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    const { Roles = [] } = await client.send(new ListRolesCommand());
    const role = Roles.find(({ Description }) => Description?.includes('launches and ends'));
    const policy = { RoleName: role?.RoleName, PolicyName: 'PassRole' };
    const { PolicyDocument = '' } = await client.send(new GetRolePolicyCommand(policy));
    const arn = InstanceProfile?.Roles?.[0]?.Arn ?? '';
    expect(arn).toContain(':role/');
    // moto gives back a text of Python's: once it is allowed, once everything else denied.
    expect(decodeURIComponent(PolicyDocument).split(arn)).toHaveLength(3);
  });

  test('the API of ECS has every property of the capacity provider', async () => {
    const declaredAs = resourcesOf(stack, PROVIDER).map(([, { Properties }]) => Properties);
    const { clusterName, ...declared } = inCamelCase(declaredAs[0]) as { clusterName: object };
    const sent = await requestOf({ name: 'provider', cluster: 'cluster', ...resolved(declared) });
    expect(sent).toEqual({ name: 'provider', cluster: 'cluster', ...resolved(declared) });
    expect(clusterName).toHaveProperty('ref');
  });

  test('the API of ECS has every value that is one of a list', () => {
    const [[, { Properties = {} }]] = resourcesOf(stack, PROVIDER) as [Resource];
    const { InstanceLaunchTemplate, PropagateTags } = Properties.ManagedInstancesProvider as Provider;
    const { InstanceRequirements, CapacityOptionType: option } = InstanceLaunchTemplate;
    const said: [readonly string[] | undefined, object][] = [
      [[option], CapacityOptionType],
      [[PropagateTags], PropagateMITags],
      [InstanceRequirements.CpuManufacturers, CpuManufacturer],
      [InstanceRequirements.AcceleratorTypes, AcceleratorType],
      [InstanceRequirements.AcceleratorManufacturers, AcceleratorManufacturer],
      [InstanceRequirements.AcceleratorNames, AcceleratorName],
    ];
    for (const [values = [], known] of said) expect(Object.values(known)).toEqual(expect.arrayContaining([...values]));
  });

  test('destroy leaves nothing but what its removal policy keeps', async () => {
    await example.assembly.cdk('destroy', example.assembly.selector, '--force');
    expect(await inventory(example)).toEqual(keptInventory(example));
  }, 60_000);

  /** What the SDK would send. moto is never asked. */
  async function requestOf(input: object): Promise<unknown> {
    const client = new ECSClient(clientOptions(example.server));
    let body = '';
    client.middlewareStack.add(
      () =>
        async ({ request }) => {
          body = new TextDecoder().decode((request as { body: Uint8Array }).body);
          throw new Error('that is all');
        },
      { step: 'finalizeRequest', priority: 'high' },
    );
    const command = new CreateCapacityProviderCommand(
      input as ConstructorParameters<typeof CreateCapacityProviderCommand>[0],
    );
    await client.send(command).catch(() => undefined);
    return JSON.parse(body);
  }
});

/** References and functions as texts: that there is one is enough here. */
function resolved(value: unknown): object {
  return JSON.parse(JSON.stringify(value), (_, item) =>
    item !== null && typeof item === 'object' && Object.keys(item).some((key) => /^(ref|fn::.*)$/i.test(key))
      ? 'known'
      : item,
  );
}
