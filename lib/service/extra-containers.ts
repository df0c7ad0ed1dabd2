/**
 * Containers beside the model's: a collector of traces, a proxy. They share the replica's network, CPU and memory; of the
 * latter two the model gets what they leave. What they may do is theirs to say.
 */
import { Stack } from 'aws-cdk-lib';
import { type ContainerDefinitionOptions, type PortMapping, Protocol, type TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import type { ComputeBinding } from '../compute/binding';
import { type Check, isKnown } from '../private/check';
import { byReadersPolicy } from '../private/secret-access';
import { logsOf } from './task-logs';

export type ExtraContainers = { readonly [name: string]: ContainerDefinitionOptions };

/** The name of the model's container. */
export const API_CONTAINER = 'api';

/** What gateway and worker need beside a small model: half of the smallest replica. */
const SHARES = {
  cpu: { unit: 'units', least: 128 },
  memory: { unit: 'MiB', least: 256 },
} as const;
type Share = keyof typeof SHARES;

export function addExtraContainers(task: TaskDefinition, containers: ExtraContainers = {}, logGroup: ILogGroup): void {
  for (const [name, options] of Object.entries(containers)) {
    // An id of its own kind, or a container called `TaskRole` would meet the role.
    task.addContainer(`Container-${name}`, {
      logging: logsOf(logGroup, name),
      ...options,
      secrets: byReadersPolicy(task, options.secrets),
      containerName: name,
    });
  }
}

export function checkExtraContainers(check: Check, containers: ExtraContainers = {}, compute: ComputeBinding): void {
  const ports = new Map([SERVING_DEFAULTS.port, MANAGEMENT_PORT].map((port) => [port as number, API_CONTAINER]));
  for (const [name, options] of Object.entries(containers)) {
    checkName(check, name, options);
    checkDevices(check, name, options);
    checkRefused(check, name, options, compute);
    for (const mapping of options.portMappings ?? []) checkPort(check, name, mapping, ports);
  }
  checkShare(check, 'cpu', Object.values(containers).map(cpuOf), compute.cpu);
  checkShare(check, 'memory', Object.values(containers).map(memoryOf), compute.memory.toMebibytes());
}

function checkName(check: Check, name: string, { containerName }: ContainerDefinitionOptions): void {
  check.that(
    /^[A-Za-z0-9_-]{1,255}$/.test(name),
    `names of extraContainers must be 1 to 255 letters, digits, - and _ (got ${JSON.stringify(name)})`,
  );
  check.that(
    name !== API_CONTAINER,
    `extraContainers must not have one called '${API_CONTAINER}', which is the model's: give it another name`,
  );
  check.that(
    containerName === undefined || containerName === name,
    `extraContainers.${name} has the containerName ${JSON.stringify(containerName)}: leave it out, its key is its name`,
  );
}

/** AWS says so too, when the task definition is registered, and takes the deployment back. */
function checkRefused(
  check: Check,
  name: string,
  options: ContainerDefinitionOptions,
  { refused }: ComputeBinding,
): void {
  if (refused === undefined) return;
  const { linuxParameters } = options;
  const linux = linuxParameters && Stack.of(linuxParameters).resolve(linuxParameters.renderLinuxParameters());
  const said = [
    ...refused.container.filter((option) => options[option] !== undefined),
    ...refused.linux.filter((option) => isSaid(linux?.[option])),
  ];
  check.that(
    said.length === 0,
    `extraContainers.${name} has ${said.join(', ')}, which Amazon ECS does not take on this kind of compute: leave that out`,
  );
}

/** The CDK renders lists that nobody filled. */
function isSaid(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** The GPUs of a replica are counted for the model, and Elastic Inference is gone: AWS would refuse the task. */
function checkDevices(check: Check, name: string, options: ContainerDefinitionOptions): void {
  check.that(
    !options.gpuCount,
    `extraContainers.${name} has gpuCount ${options.gpuCount}, and the GPUs of a replica are the model's: leave it out, and give the model's by compute`,
  );
  check.that(
    !options.inferenceAcceleratorResources?.length,
    `extraContainers.${name} has inferenceAcceleratorResources, which AWS ended in April 2024: leave them out`,
  );
}

/** The containers of a task share one network interface. */
function checkPort(check: Check, name: string, mapping: PortMapping, ports: Map<number, string>): void {
  const [first, last] = rangeOf(mapping);
  const [taken, other] = [...ports].find(([port]) => port >= first && port <= last) ?? [];
  check.that(
    taken === undefined,
    `extraContainers.${name} listens at port ${taken}, and so does ${other} in the same network: give it another port`,
  );
  if (taken === undefined) for (let port = first; port <= last; port += 1) ports.set(port, name);
}

/** An empty one where it is not known, or of a protocol that the gateway does not speak. */
function rangeOf({ containerPort, containerPortRange, protocol }: PortMapping): [number, number] {
  if (protocol === Protocol.UDP) return [1, 0];
  if (isKnown(containerPortRange)) {
    const [first = 1, last = first] = containerPortRange.split('-').map(Number);
    return [first, last];
  }
  return isKnown(containerPort) ? [containerPort, containerPort] : [1, 0];
}

function checkShare(check: Check, what: Share, shares: readonly number[], whole: number): void {
  if (!isKnown(whole) || !shares.every(isKnown)) return;
  const sum = shares.reduce((total, one) => total + one, 0);
  const { unit, least } = SHARES[what];
  check.that(
    sum === 0 || sum <= whole - least,
    `extraContainers take ${sum} ${unit} of ${what}, and a replica has ${whole}, of which the model needs at least ${least}: give compute more ${what}, or them less`,
  );
}

function cpuOf({ cpu = 0 }: ContainerDefinitionOptions): number {
  return cpu;
}

function memoryOf({ memoryLimitMiB, memoryReservationMiB }: ContainerDefinitionOptions): number {
  return memoryLimitMiB ?? memoryReservationMiB ?? 0;
}
