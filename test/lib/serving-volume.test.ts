/** What a replica has mounted beside its scratch. */
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccessPoint, FileSystem } from 'aws-cdk-lib/aws-efs';
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

interface Statement {
  readonly Action: string | string[];
  readonly Condition?: unknown;
}

function statementsOf(template: Template): Statement[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const ofTask = policies.filter(([id]) => id.includes('TaskRole'));
  return ofTask.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
}

/** What the handler's role may do with file systems. */
function mayDo(template: Template): string[] {
  return statementsOf(template).flatMap(({ Action }) => Action);
}

function throughPoint(): Template {
  const stack = stackIn();
  const vpc = new Vpc(stack, 'Vpc');
  const fileSystem = new FileSystem(stack, 'Files', { vpc });
  const posixUser = { uid: '10001', gid: '10001' };
  const accessPoint = fileSystem.addAccessPoint('Models', { path: '/models', posixUser });
  const volumes = [ServingVolume.efs({ fileSystem, accessPoint, path: PATH })];
  apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }), volumes });
  return Template.fromStack(stack);
}

/** A file system beside the network, in a stack below the API's. */
function apart(volumesOf: (fileSystem: FileSystem) => ServingVolume[]) {
  const app = testApp();
  const theirs = stackIn(app, 'Theirs');
  const vpc = new Vpc(theirs, 'Vpc');
  const fileSystem = new FileSystem(theirs, 'Files', { vpc });
  const ours = stackIn(app, 'Ours');
  apiIn(ours, { platform: new ModelPlatform(ours, 'Platform', { vpc }), volumes: volumesOf(fileSystem) });
  return { theirs: Template.fromStack(theirs), dependencies: ours.dependencies.map(({ stackName }) => stackName) };
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
    const { Volumes } = only(throughPoint(), 'AWS::ECS::TaskDefinition');
    expect(Volumes.at(-1).EFSVolumeConfiguration.AuthorizationConfig).toEqual({
      IAM: 'ENABLED',
      AccessPointId: { Ref: expect.stringMatching(/^FilesModels/) },
    });
  });

  test('with an access point may be mounted through that alone', () => {
    const [{ Condition } = { Condition: {} }] = statementsOf(throughPoint());
    expect(Condition).toMatchObject({ Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' } });
    expect(JSON.stringify(Condition)).toMatch(
      /"elasticfilesystem:AccessPointArn":.*access-point\/",\{"Ref":"FilesModels\w+"/,
    );
  });

  test.each([true, false])('with readOnly %s leaves the policy of the file system as it is', (readOnly) => {
    const { theirs } = apart((fileSystem) => [ServingVolume.efs({ fileSystem, path: PATH, readOnly })]);
    expect(only(theirs, 'AWS::EFS::FileSystem').FileSystemPolicy).toBeUndefined();
  });

  test('of another stack is not told of ours', () => {
    const { theirs, dependencies } = apart((fileSystem) => [ServingVolume.efs({ fileSystem, path: PATH })]);
    expect(JSON.stringify(theirs.toJSON())).not.toContain('Ours');
    expect(dependencies).toEqual(['Theirs']);
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
      `path of a volume must be absolute, below / and without a final slash, . or .., such as '/mnt/models' (got "models")`,
    ],
    [
      'a final slash',
      [{ path: '/models/' }],
      `path of a volume must be absolute, below / and without a final slash, . or .., such as '/mnt/models' (got "/models/")`,
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
    [
      'a folder of the system',
      [{ path: '/usr/local/lib' }],
      `path of a volume must not lie in /usr, which the container needs (got "/usr/local/lib"): give another, such as '/mnt/models'`,
    ],
    [
      'a folder of the handler',
      [{ path: '/opt/model/weights' }],
      `path of a volume must not lie in /opt/model, which the container needs (got "/opt/model/weights"): give another, such as '/mnt/models'`,
    ],
    [
      'a way around',
      [{ path: '/mnt/../usr' }],
      `path of a volume must be absolute, below / and without a final slash, . or .., such as '/mnt/models' (got "/mnt/../usr")`,
    ],
    ['two at one path', [{}, {}], 'path of two volumes is "/mnt/models": give one of them another'],
  ])('refuses %s', (_, options, message) => {
    expect(() => mounted(...options)).toThrow(`[Stack/Api/Task] ${message}`);
  });

  test.each(['/opt/weights', '/opt/model-weights', '/tmp/models', '/var/models', '/srv', '/models/..hidden'])(
    'may lie at %s',
    (path) => {
      expect(() => mounted({ path })).not.toThrow();
    },
  );
});

describe('an access point', () => {
  test('of another file system is refused', () => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc');
    const [fileSystem, other] = [new FileSystem(stack, 'Files', { vpc }), new FileSystem(stack, 'Other', { vpc })];
    const volumes = [ServingVolume.efs({ fileSystem, accessPoint: other.addAccessPoint('Point'), path: PATH })];
    expect(() => apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', { vpc }), volumes })).toThrow(
      '[Stack/Api/Task] accessPoint Stack/Other/Point of a volume is one of the file system Stack/Other, and fileSystem is Stack/Files: give two that belong together',
    );
  });

  test('is taken as it is where synth does not know whose it is', () => {
    const stack = stackIn();
    const fileSystem = importedIn(stack);
    const known = FileSystem.fromFileSystemAttributes(stack, 'Same', {
      fileSystemId: fileSystem.fileSystemId,
      securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'SameGroup', 'sg-0123456789abcdef0'),
    });
    const attributes = { accessPointId: 'fsap-0123456789abcdef1', fileSystem: known };
    const points = [
      AccessPoint.fromAccessPointId(stack, 'Point', 'fsap-0123456789abcdef0'),
      AccessPoint.fromAccessPointAttributes(stack, 'Known', attributes),
    ];
    const volumes = points.map((accessPoint, index) =>
      ServingVolume.efs({ fileSystem, accessPoint, path: `${PATH}/${index}` }),
    );
    expect(() => apiIn(stack, { volumes })).not.toThrow();
  });
});
