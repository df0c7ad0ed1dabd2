/**
 * Finds the APIs of this library in templates: a service is one when its task has the container that `ModelApi` gives it,
 * told by the variable with the serving overlay.
 */
import { OVERLAY_VARIABLE, type ServingOverlay } from '../../runtime/contract/manifest';
import { CommandFailure, EXIT } from '../failure';
import type { Json } from './assembly';
import { asText, isSame, type Placed, type References } from './reference';

export interface FoundApi {
  /** As its construct stands in the app, such as `Production/Iris`. */
  readonly name: string;
  /** The path of its construct: what stands below is its own. */
  readonly path?: string;
  readonly service: Placed;
  readonly task: Placed;
  readonly cluster?: Placed;
  readonly overlay: ServingOverlay;
  readonly replica: ReplicaSize;
}

/** What one replica takes of the place where it runs. */
export interface ReplicaSize {
  readonly vcpus: number;
  readonly memoryGiB: number;
  readonly gpus: number;
  readonly architecture: 'x86' | 'arm';
  /** Disk of a task, where the task says it. */
  readonly diskGiB?: number;
}

export function findApis(references: References): FoundApi[] {
  const found = references.all('AWS::ECS::Service').flatMap((service) => {
    const task = references.target(service.stack, service.properties.TaskDefinition);
    const variable = task && overlayIn(task);
    return variable === undefined ? [] : [apiOf(references, service, task as Placed, variable)];
  });
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

function apiOf(references: References, service: Placed, task: Placed, variable: Json): FoundApi {
  const { stack, id, properties } = service;
  // `<api>/Service/Service`: the resource of the service construct of the API.
  const path = stack.paths.get(id)?.split('/').slice(0, -2).join('/');
  const name = path || `${stack.name}/${id}`;
  const cluster = references.target(stack, properties.Cluster);
  return { name, path, service, task, cluster, overlay: parsed(variable), replica: sizeOf(task, name) };
}

function overlayIn({ properties }: Placed): Json {
  const variables = (properties.ContainerDefinitions ?? []).flatMap(({ Environment = [] }: Json) => Environment);
  return variables.find(({ Name }: Json) => Name === OVERLAY_VARIABLE)?.Value;
}

/** Values that only a deployment knows leave text in which no JSON can be read: then nothing is known of it. */
function parsed(variable: Json): ServingOverlay {
  try {
    return JSON.parse(asText(variable));
  } catch {
    return {};
  }
}

const DEFAULT_ARCHITECTURE = 'X86_64';
const MEBIBYTES = 1024;

/** On Fargate the task says its size; on instances its containers may do it instead. */
function sizeOf({ properties }: Placed, name: string): ReplicaSize {
  const containers: Json[] = properties.ContainerDefinitions ?? [];
  const cpu = properties.Cpu ?? total(containers, ({ Cpu = 0 }) => Cpu);
  const memory =
    properties.Memory ?? total(containers, ({ Memory, MemoryReservation }) => Memory ?? MemoryReservation ?? 0);
  const { CpuArchitecture = DEFAULT_ARCHITECTURE } = properties.RuntimePlatform ?? {};
  return {
    vcpus: known(cpu, `CPU of a replica of ${name}`) / 1024,
    memoryGiB: known(memory, `memory of a replica of ${name}`) / MEBIBYTES,
    gpus: total(containers, ({ ResourceRequirements = [] }) => total(ResourceRequirements, gpusOf)),
    architecture: CpuArchitecture === 'ARM64' ? 'arm' : 'x86',
    diskGiB: properties.EphemeralStorage?.SizeInGiB,
  };
}

function gpusOf({ Type, Value }: Json): number {
  return Type === 'GPU' ? Number(Value) : 0;
}

function total(all: readonly Json[], of: (one: Json) => number): number {
  return all.reduce((before, one) => before + Number(of(one)), 0);
}

/** A number of the template that everything else is computed from. */
export function known(value: Json, what: string): number {
  const number = typeof value === 'object' ? Number.NaN : Number(value);
  if (!Number.isNaN(number)) return number;
  throw new CommandFailure(
    'unknown_number',
    EXIT.failed,
    `The ${what} is known at deployment only: ${JSON.stringify(value)}.`,
    {
      hint: 'An estimate needs it as a plain number in the template.',
    },
  );
}

/** The APIs that run in the same cluster. */
export function neighboursOf(api: FoundApi, apis: readonly FoundApi[]): FoundApi[] {
  return apis.filter(({ cluster }) => cluster && api.cluster && isSame(cluster, api.cluster));
}
