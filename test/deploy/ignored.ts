/**
 * What moto's CloudFormation leaves out of a deployed example, defined by each service's own API instead; and what it
 * defines with a hole, where a property refers to something left out, written again whole. The properties are the
 * deployed template's, resolved with what was deployed.
 */
import { clientOptions, type DeployedStack, type Deployment, resourcesOf } from './deployment';
import { ENTRANCE_APIS } from './own-apis/entrance';
import { FLEET_APIS } from './own-apis/fleet';
import type { Echo, Properties } from './own-apis/own-api';
import { REWRITE_APIS } from './own-apis/rewrite';
import { SERVICE_APIS, WITHOUT_API } from './own-apis/service';
import { resolve } from './resolve';

/** In the order in which they are defined: a later one may refer to an earlier one. */
const OWN_APIS = { ...ENTRANCE_APIS, ...FLEET_APIS, ...SERVICE_APIS };

/** The types of the resources that moto's CloudFormation did not define; each once, sorted. */
export function ignoredTypes({ stacks }: Deployment): string[] {
  const types = stacks.flatMap((stack) => ignoredIn(stack).map((id) => stack.template.Resources[id]?.Type ?? ''));
  return [...new Set(types)].sort();
}

function ignoredIn({ template, physicalIds }: DeployedStack): string[] {
  return Object.keys(template.Resources).filter((id) => !physicalIds.has(id));
}

/** A resource that moto's CloudFormation defined with a hole. */
export interface Holed {
  readonly stack: DeployedStack;
  readonly id: string;
  readonly type: string;
}

/** To be asked before the ignored ones are defined. */
export function holedResources({ stacks }: Deployment): Holed[] {
  return stacks.flatMap((stack) => {
    const ignored = new Set(ignoredIn(stack));
    const resources = Object.entries(stack.template.Resources).filter(([id]) => !ignored.has(id));
    const holed = resources.filter(([, { Properties }]) => refersTo(Properties, ignored));
    return holed.map(([id, { Type: type }]) => ({ stack, id, type }));
  });
}

function refersTo(value: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return ids.has(Ref ?? attribute?.[0] ?? '') || Object.values(value).some((item) => refersTo(item, ids));
}

/** By type: what was written again and what came back, for each resource with a hole, now that nothing is missing. */
export async function rewrite(deployment: Deployment, holed: readonly Holed[]): Promise<Map<string, Echo[]>> {
  const echoes = new Map<string, Echo[]>();
  for (const { stack, id, type } of holed) {
    const ownApi = REWRITE_APIS[type];
    if (ownApi === undefined) throw new Error(`nothing here writes ${type} again`);
    const properties = propertiesOf(deployment, stack, id);
    const echo = await ownApi(properties, clientOptions(deployment.server), stack.physicalIds.get(id));
    echoes.set(type, [...(echoes.get(type) ?? []), echo]);
  }
  return echoes;
}

/** By type: what was sent to the service's own API and what came back, for each resource of the type. */
export async function defineIgnored(deployment: Deployment): Promise<Map<string, Echo[]>> {
  const echoes = new Map<string, Echo[]>();
  const types = ignoredTypes(deployment);
  for (const [type, ownApi] of Object.entries(OWN_APIS).filter(([type]) => types.includes(type))) {
    echoes.set(type, []);
    for (const stack of deployment.stacks) {
      for (const [id] of resourcesOf(stack, type)) {
        const properties = propertiesOf(deployment, stack, id);
        const echo = await ownApi(properties, clientOptions(deployment.server)).catch((error) => {
          throw new Error(`${type} ${id}: ${error.message}`, { cause: error });
        });
        stack.physicalIds.set(id, echo.physicalId ?? id);
        echoes.get(type)?.push(echo);
      }
    }
  }
  for (const stack of deployment.stacks) nameUnknown(stack);
  return echoes;
}

/** What moto has no API for is called as the template calls it, so that references to it resolve. */
function nameUnknown({ template, physicalIds }: DeployedStack): void {
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type in WITHOUT_API) physicalIds.set(id, String(Properties?.AlarmName ?? Properties?.Name ?? id));
  }
}

/** By type: the statuses by which moto refuses the resources that it has no API for. */
export async function sendWithoutApi(deployment: Deployment): Promise<Map<string, number[]>> {
  const options = clientOptions(deployment.server);
  const refusals = new Map<string, number[]>();
  for (const [type, send] of Object.entries(WITHOUT_API)) {
    const properties = deployment.stacks.flatMap((stack) =>
      resourcesOf(stack, type).map(([id]) => propertiesOf(deployment, stack, id)),
    );
    refusals.set(type, await Promise.all(properties.map((one) => send(one, options).then(() => 200, statusOf))));
  }
  return refusals;
}

function statusOf({ $metadata }: { $metadata?: { httpStatusCode?: number } }): number {
  return $metadata?.httpStatusCode ?? 0;
}

/** The properties of a resource as CloudFormation would hand them over. */
export function propertiesOf({ stacks }: Deployment, stack: DeployedStack, id: string): Properties {
  return resolve(stack.template.Resources[id]?.Properties ?? {}, stack, stacks);
}
