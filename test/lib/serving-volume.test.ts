/** What a replica has mounted beside its scratch. */
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { describe, expect, test } from 'vitest';
import { type EfsVolumeOptions, ModelPlatform, ServingVolume } from '../../lib';
import { testApp } from './assembly';
import { apiIn, only, stackIn } from './declaration';

const PATH = '/mnt/models';

/** An API with a file system of the same stack. */
function mounted(...options: Partial<EfsVolumeOptions>[]): Template {
  const stack = stackIn();
  const vpc = new Vpc(stack, 'Vpc');
  const fileSystem = new FileSystem(stack, 'Files', { vpc });
  const volumes = options.map((option) => ServingVolume.efs({ fileSystem, path: PATH, ...option }));
  apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }), volumes });
  return Template.fromStack(stack);
}

function importedIn(stack: Stack): FileSystem {
  const securityGroup = SecurityGroup.fromSecurityGroupId(stack, 'FilesGroup', 'sg-0123456789abcdef0');
  const attributes = { fileSystemId: 'fs-0123456789abcdef0', securityGroup };
  return FileSystem.fromFileSystemAttributes(stack, 'Files', attributes) as FileSystem;
}

/** What the handler's role may do with file systems. */
function mayDo(template: Template): string[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const statements = policies
    .filter(([id]) => id.includes('TaskRole'))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  return statements.flatMap(({ Action }: { Action: string | string[] }) => Action);
}

describe('ServingVolume.efs', () => {
  test('is mounted where it is said, encrypted on its way, by the permission of the role', () => {
    const { Volumes, ContainerDefinitions } = only(mounted({}), 'AWS::ECS::TaskDefinition');
    expect(Volumes.at(-1)).toEqual({
      Name: 'volume0',
      EFSVolumeConfiguration: {
        FilesystemId: { Ref: expect.stringMatching(/^Files/) },
        TransitEncryption: 'ENABLED',
        AuthorizationConfig: { IAM: 'ENABLED' },
      },
    });
    expect(ContainerDefinitions[0].MountPoints.at(-1)).toEqual({
      ContainerPath: PATH,
      SourceVolume: 'volume0',
      ReadOnly: true,
    });
  });

  test.each([
    [undefined, ['elasticfilesystem:ClientMount']],
    [false, ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']],
  ])('with readOnly %s lets the handler do %j', (readOnly, actions) => {
    const template = mounted({ readOnly });
    expect(mayDo(template)).toEqual(actions);
    const [container] = only(template, 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    expect(container.MountPoints.at(-1).ReadOnly).toBe(readOnly ?? true);
  });

  test('lets the replicas in at the port of NFS', () => {
    const rules = Object.values(mounted({}).findResources('AWS::EC2::SecurityGroupIngress'));
    const nfs = rules.map(({ Properties }) => Properties).filter(({ FromPort }) => FromPort === 2049);
    expect(nfs).toEqual([
      expect.objectContaining({
        ToPort: 2049,
        Description: 'Replicas of a model API',
        GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^FilesEfsSecurityGroup/), 'GroupId'] },
        SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^ApiSecurityGroup/), 'GroupId'] },
      }),
    ]);
  });

  test('is there, and may be mounted, before the first replica', () => {
    const [service] = Object.values(mounted({}).findResources('AWS::ECS::Service'));
    const waits = service?.DependsOn.join(' ');
    expect(waits).toMatch(/FilesEfsMountTarget1/);
    expect(waits).toMatch(/ApiTaskDefinitionTaskRoleDefaultPolicy/);
  });

  test('is mounted through an access point, when there is one', () => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc');
    const fileSystem = new FileSystem(stack, 'Files', { vpc });
    const accessPoint = fileSystem.addAccessPoint('Models', {
      path: '/models',
      posixUser: { uid: '10001', gid: '10001' },
    });
    const volumes = [ServingVolume.efs({ fileSystem, accessPoint, path: PATH })];
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }), volumes });
    const { Volumes } = only(Template.fromStack(stack), 'AWS::ECS::TaskDefinition');
    expect(Volumes.at(-1).EFSVolumeConfiguration.AuthorizationConfig).toEqual({
      IAM: 'ENABLED',
      AccessPointId: { Ref: expect.stringMatching(/^FilesModels/) },
    });
  });

  test('of another stack is not told of ours', () => {
    const app = testApp();
    const theirs = stackIn(app, 'Theirs');
    const vpc = new Vpc(theirs, 'Vpc');
    const fileSystem = new FileSystem(theirs, 'Files', { vpc });
    const ours = stackIn(app, 'Ours');
    const platform = new ModelPlatform(ours, 'Platform', { vpc });
    apiIn(ours, { platform, volumes: [ServingVolume.efs({ fileSystem, path: PATH })] });
    expect(JSON.stringify(Template.fromStack(theirs).toJSON())).not.toContain('Ours');
    expect(ours.dependencies).toEqual([theirs]);
  });

  test('may be one that exists already', () => {
    const stack = stackIn();
    apiIn(stack, { volumes: [ServingVolume.efs({ fileSystem: importedIn(stack), path: PATH })] });
    const template = Template.fromStack(stack);
    expect(mayDo(template)).toEqual(['elasticfilesystem:ClientMount']);
    const { Volumes } = only(template, 'AWS::ECS::TaskDefinition');
    expect(Volumes.at(-1).EFSVolumeConfiguration.FilesystemId).toBe('fs-0123456789abcdef0');
  });

  test.each<[string, Partial<EfsVolumeOptions>[], string]>([
    [
      'a path that is not absolute',
      [{ path: 'models' }],
      `path of a volume must be absolute, below / and without a final slash, such as '/mnt/models' (got "models")`,
    ],
    [
      'a final slash',
      [{ path: '/models/' }],
      `path of a volume must be absolute, below / and without a final slash, such as '/mnt/models' (got "/models/")`,
    ],
    [
      'the folder of the handler',
      [{ path: '/opt/model' }],
      `path of a volume must not hide /opt/model, which the container needs (got "/opt/model"): give another, such as '/mnt/models'`,
    ],
    [
      'a folder above ours',
      [{ path: '/opt' }],
      `path of a volume must not hide /opt/venv, which the container needs (got "/opt"): give another, such as '/mnt/models'`,
    ],
    [
      'the scratch',
      [{ path: '/tmp' }],
      `path of a volume must not hide /tmp, which the container needs (got "/tmp"): give another, such as '/mnt/models'`,
    ],
    ['two at one path', [{}, {}], 'path of two volumes is "/mnt/models": give one of them another'],
  ])('refuses %s', (_, options, message) => {
    expect(() => mounted(...options)).toThrow(`[Stack/Api/Task] ${message}`);
  });

  test('may lie in the folder of the handler', () => {
    expect(() => mounted({ path: '/opt/model/weights' })).not.toThrow();
  });
});
