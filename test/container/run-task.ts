/**
 * Runs a task definition of a template with `docker run`, as Fargate or the agent of an instance would: every property of
 * its containers becomes a flag, and one that this file does not know is an error, so that a new property is never left
 * untested unseen.
 *
 * The containers of a task share one network. What ECS would fetch or mount when it starts the task, the values of
 * secrets and the files of a file system, the test gives as surroundings.
 *
 * Fargate's empty volumes: where the image declares the path as a VOLUME, the volume takes content and owner of the
 * image's folder; elsewhere it is mounted as root's. See aws/containers-roadmap#863 and #938.
 *
 * A volume that replicas on an instance share is one of Docker's by its name. A GPU is given where this machine has one.
 */
import { existsSync } from 'node:fs';
import { docker, dockerDone } from './docker';

type Value = string | { readonly [fn: string]: unknown };

interface MountPoint {
  readonly ContainerPath: string;
  readonly ReadOnly: boolean;
  readonly SourceVolume: string;
}

interface ContainerDefinition {
  readonly Name: string;
  readonly Image: Value;
  readonly Essential: boolean;
  readonly User: string;
  readonly ReadonlyRootFilesystem: boolean;
  readonly Command: readonly string[];
  readonly Environment: readonly { readonly Name: string; readonly Value: Value }[];
  readonly Secrets: readonly { readonly Name: string; readonly ValueFrom: Value }[];
  readonly HealthCheck: { readonly Command: readonly string[]; readonly StartPeriod: number };
  readonly LinuxParameters: {
    readonly Capabilities: { readonly Drop: readonly string[] };
    readonly SharedMemorySize?: number;
  };
  readonly LogConfiguration: unknown;
  readonly MountPoints: readonly MountPoint[];
  readonly PortMappings: readonly { readonly ContainerPort: number }[];
  readonly ResourceRequirements: readonly { readonly Type: string; readonly Value: string }[];
  readonly StopTimeout: number;
}

export interface TaskDefinition {
  readonly Cpu: string;
  readonly Memory: string;
  readonly Volumes: readonly {
    readonly Name: string;
    readonly EFSVolumeConfiguration?: object;
    readonly DockerVolumeConfiguration?: object;
  }[];
  /** The model's first. */
  readonly ContainerDefinitions: readonly ContainerDefinition[];
}

/** What a deployment knows and a template does not. */
export interface Surroundings {
  readonly environment?: Record<string, string>;
  /** The values of secrets, by the names of the variables. */
  readonly secrets?: Record<string, string>;
  /** Folders of this machine that stand for file systems, by the paths at which they are mounted. */
  readonly fileSystems?: Record<string, string>;
  /** A Docker network to be in, instead of the engine's own. */
  readonly network?: string;
}

type Flags = readonly string[];

/** What a property's meaning depends on. */
interface Run extends Surroundings {
  readonly task: TaskDefinition;
  readonly image: string;
}

/** What becomes of each property. Image, command and health check are used by `runTask` itself. */
const FLAGS: { [P in keyof ContainerDefinition]: (value: ContainerDefinition[P], run: Run) => Flags } = {
  Name: () => [],
  Image: () => [],
  Command: () => [],
  Essential: () => [],
  HealthCheck: () => [],
  // The engine keeps the lines itself: there is no CloudWatch.
  LogConfiguration: () => [],
  // The tests reach the container by its own address, as a load balancer does.
  PortMappings: () => [],
  User: (user) => ['--user', user],
  ReadonlyRootFilesystem: (readOnly) => (readOnly ? ['--read-only'] : []),
  LinuxParameters: ({ SharedMemorySize: shared, ...parameters }) => {
    const dropped = only('Drop', only('Capabilities', parameters));
    const closed = dropped.flatMap((capability) => ['--cap-drop', capability]);
    return shared === undefined ? closed : [...closed, '--shm-size', `${shared}m`];
  },
  ResourceRequirements: (requirements) =>
    requirements.flatMap(({ Type, Value }) => {
      if (Type !== 'GPU') throw new Error(`the task needs a ${Type}, and run-task.ts does not know what it means`);
      return hasGpus() ? ['--gpus', Value] : [];
    }),
  Environment: (variables) => variables.flatMap(({ Name, Value }) => ['--env', `${Name}=${resolve(Value)}`]),
  Secrets: (secrets, run) => secrets.flatMap(({ Name }) => ['--env', `${Name}=${given(run.secrets, Name)}`]),
  MountPoints: (mounts, run) => mounts.flatMap((mount) => ['--mount', mounted(mount, run)]),
  StopTimeout: (seconds) => ['--stop-timeout', String(seconds)],
};

const PSEUDO_PARAMETERS: Record<string, string> = {
  'AWS::Region': 'eu-central-1',
  'AWS::Partition': 'aws',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Whether the driver of NVIDIA's GPUs is here. */
export function hasGpus(): boolean {
  return existsSync('/dev/nvidiactl');
}

export interface RunningTask {
  /** `http://` and the container's own address, without a port. */
  readonly origin: string;
  readonly healthCheck: readonly string[];
  /** Runs a command in the container; its output. */
  exec(...command: string[]): string;
  /** Stops as ECS does: SIGTERM, then SIGKILL after the stop timeout. The exit code, and how long it took. */
  stop(): Promise<{ exitCode: number; seconds: number }>;
  /** The exit code, once the task has ended by itself. */
  exited(): Promise<number>;
  logs(): string;
  remove(): void;
}

export function runTask(task: TaskDefinition, image: string, surroundings: Surroundings = {}): RunningTask {
  const [container, ...others] = task.ContainerDefinitions;
  const { environment = {}, network = 'bridge' } = surroundings;
  const added = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const run = { ...surroundings, task, image };
  const id = docker(
    'run',
    '--detach',
    '--network',
    network,
    ...sizeOf(task),
    ...flagsOf(container, run),
    ...added,
    image,
  );
  const beside = others.map((other) => runBeside(id, other, run));
  return {
    origin: `http://${docker('inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', id)}`,
    healthCheck: execForm(container.HealthCheck.Command),
    exec: (...command) => docker('exec', id, ...command),
    stop: () => stop(id),
    exited: () => exited(id),
    logs: () => docker('logs', id),
    remove: () => docker('rm', '--force', '--volumes', ...beside, id),
  };
}

/** A container that shares the network of the model's, from an image that its definition names. */
function runBeside(id: string, container: ContainerDefinition, run: Run): string {
  const image = resolve(container.Image);
  const flags = flagsOf(container, { ...run, image });
  return docker('run', '--detach', '--network', `container:${id}`, ...flags, image, ...(container.Command ?? []));
}

/** Fargate gives a task these bounds, and no swap. */
function sizeOf({ Cpu, Memory }: TaskDefinition): Flags {
  return ['--cpus', String(Number(Cpu) / 1024), '--memory', `${Memory}m`, '--memory-swap', `${Memory}m`];
}

function flagsOf(container: ContainerDefinition, run: Run): Flags {
  return (Object.keys(container) as (keyof ContainerDefinition)[]).flatMap((property) => {
    const flags = FLAGS[property] as ((value: unknown, run: Run) => Flags) | undefined;
    if (flags === undefined) throw new Error(`the task has ${property}, and run-task.ts does not know what it means`);
    return flags(container[property], run);
  });
}

function mounted({ ContainerPath: path, ReadOnly, SourceVolume }: MountPoint, run: Run): string {
  const volume = run.task.Volumes.find(({ Name }) => Name === SourceVolume);
  const source = volume?.EFSVolumeConfiguration && given(run.fileSystems, path);
  const kind = source === undefined ? volumeFor(path, SourceVolume, run) : `type=bind,source=${source}`;
  return `${kind},destination=${path}${ReadOnly ? ',readonly' : ''}`;
}

function volumeFor(path: string, name: string, { task, image }: Run): string {
  const volume = task.Volumes.find(({ Name }) => Name === name);
  return volume?.DockerVolumeConfiguration ? `type=volume,source=${name}` : emptyVolumeAt(path, image);
}

function emptyVolumeAt(path: string, image: string): string {
  const declared = JSON.parse(docker('image', 'inspect', '--format', '{{json .Config.Volumes}}', image)) ?? {};
  return `type=volume${path in declared ? '' : ',volume-nocopy'}`;
}

function given(values: Record<string, string> | undefined, name: string): string {
  const value = values?.[name];
  if (value === undefined) throw new Error(`the task needs ${name}, and its surroundings have none`);
  return value;
}

/** The one property that an object has; another one would be lost. */
function only<T extends object, P extends keyof T & string>(property: P, value: T): T[P] {
  const others = Object.keys(value).filter((name) => name !== property);
  if (others.length > 0) throw new Error(`the task has ${others}, and run-task.ts does not know what it means`);
  return value[property];
}

/** `CMD` is followed by the arguments, `CMD-SHELL` by one line for a shell. */
function execForm([form, ...command]: readonly string[]): readonly string[] {
  return form === 'CMD' ? command : ['/bin/sh', '-c', ...command];
}

/** The value that CloudFormation would put in. */
function resolve(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries(value as Record<string, unknown>);
  if (name === 'Ref' && String(argument) in PSEUDO_PARAMETERS) return PSEUDO_PARAMETERS[String(argument)];
  if (name !== 'Fn::Join')
    throw new Error(`the environment needs ${JSON.stringify(value)}, which only a deployment knows`);
  const [separator, parts] = argument as [string, unknown[]];
  return parts.map(resolve).join(separator);
}

async function exited(id: string): Promise<number> {
  await dockerDone('wait', id);
  return Number(docker('inspect', '--format', '{{.State.ExitCode}}', id));
}

async function stop(id: string): Promise<{ exitCode: number; seconds: number }> {
  const started = performance.now();
  await dockerDone('stop', id);
  const seconds = (performance.now() - started) / 1000;
  return { exitCode: await exited(id), seconds };
}
