/**
 * What moto's CloudFormation leaves out of a deployed example, defined by each service's own API instead. The properties
 * are the deployed template's, resolved with what was deployed.
 */
import { clientOptions, type DeployedStack, type Deployment, resourcesOf } from './deployment';
import { ENTRANCE_APIS } from './own-apis/entrance';
import type { Echo, Properties } from './own-apis/own-api';
import { SERVICE_APIS, WITHOUT_API } from './own-apis/service';
import { resolve } from './resolve';

/** In the order in which they are defined: a later one may refer to an earlier one. */
const OWN_APIS = { ...ENTRANCE_APIS, ...SERVICE_APIS };

/** The types that moto 5.2.5 ignores, of the stacks of a deployment; each once, sorted. */
export function ignoredTypes({ stacks }: Deployment): string[] {
  const missing = stacks.flatMap(({ template, physicalIds }) =>
    Object.entries(template.Resources).filter(([id]) => !physicalIds.has(id)),
  );
  return [...new Set(missing.map(([, { Type }]) => Type))].sort();
}

/** By type: what was sent to the service's own API and what came back, for each resource of the type. */
export async function defineIgnored(deployment: Deployment): Promise<Map<string, Echo[]>> {
  const echoes = new Map<string, Echo[]>();
  const types = ignoredTypes(deployment);
  for (const [type, ownApi] of Object.entries(OWN_APIS).filter(([type]) => types.includes(type))) {
    echoes.set(type, []);
    for (const stack of deployment.stacks) {
      for (const [id] of resourcesOf(stack, type)) {
        const echo = await ownApi(propertiesOf(deployment, stack, id), clientOptions(deployment.server));
        stack.physicalIds.set(id, echo.physicalId ?? id);
        echoes.get(type)?.push(echo);
      }
    }
  }
  return echoes;
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
