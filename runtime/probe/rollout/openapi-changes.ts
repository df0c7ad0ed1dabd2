/**
 * What of a new OpenAPI document breaks those who call by the old one. Further paths, further optional members of a body
 * and further members of an answer break nobody.
 */
import { isSchema, resolverOf, type Schema } from './schema-branches';
import { schemaChanges, type Way } from './schema-changes';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** Each a sentence without its full stop: `POST /predict: $.features is required now`. */
export function breakingChanges(before: unknown, after: unknown): string[] {
  const [old, now] = [before, after].map(operationsOf) as [Map<string, Schema>, Map<string, Schema>];
  const changes = [...old].flatMap(([name, operation]) => {
    const successor = now.get(name);
    if (successor === undefined) return [`${name} is gone`];
    return operationChanges(new Pair(before, after), operation, successor).map((change) => `${name}: ${change}`);
  });
  return [...changes, ...security(before, after)];
}

/** By method and path. */
function operationsOf(document: unknown): Map<string, Schema> {
  const found = Object.entries(memberOf(document, 'paths')).flatMap(([path, item]) =>
    METHODS.flatMap((method): [string, Schema][] => {
      const operation = memberOf(item, method);
      return Object.keys(operation).length > 0 ? [[`${method.toUpperCase()} ${path}`, operation]] : [];
    }),
  );
  return new Map(found);
}

/** Two documents, so that references are looked up in their own. */
class Pair {
  readonly #before;
  readonly #after;

  constructor(before: unknown, after: unknown) {
    this.#before = resolverOf(before);
    this.#after = resolverOf(after);
  }

  schemas(way: Way, before: unknown, after: unknown): string[] {
    const old = { schema: before, resolve: this.#before };
    return schemaChanges(way, old, { schema: after, resolve: this.#after });
  }
}

function operationChanges(pair: Pair, before: Schema, after: Schema): string[] {
  const [body, newBody] = [memberOf(before, 'requestBody'), memberOf(after, 'requestBody')];
  const needsBody = newBody.required === true && body.required !== true;
  return [
    ...(needsBody ? ['a body is required now'] : []),
    ...mediaChanges(pair, 'sent', memberOf(body, 'content'), memberOf(newBody, 'content')),
    ...parameterChanges(pair, before, after),
    ...mediaChanges(pair, 'got', successOf(before), successOf(after)),
  ];
}

function mediaChanges(pair: Pair, way: Way, before: Schema, after: Schema): string[] {
  return Object.entries(before).flatMap(([type, media]) => {
    if (!(type in after)) return [`${type} is not ${way === 'sent' ? 'taken' : 'answered'} any more`];
    const changes = pair.schemas(way, memberOf(media, 'schema'), memberOf(after[type], 'schema'));
    return changes.map((change) => `${way === 'sent' ? 'of the body' : 'of the answer'}, ${change}`);
  });
}

function parameterChanges(pair: Pair, before: Schema, after: Schema): string[] {
  const [old, now] = [before, after].map(parametersOf) as [Map<string, Schema>, Map<string, Schema>];
  return [...now].flatMap(([name, parameter]) => {
    const known = old.get(name);
    if (parameter.required === true && known?.required !== true) return [`${name} is required now`];
    if (known === undefined) return [];
    return pair.schemas('sent', known.schema, parameter.schema).map((change) => `of ${name}, ${change}`);
  });
}

/** By what callers know them as. One that is gone is passed over. */
function parametersOf({ parameters }: Schema): Map<string, Schema> {
  const all = (Array.isArray(parameters) ? parameters : []).filter(isSchema);
  return new Map(all.map((one) => [`the ${one.in} parameter ${one.name}`, one]));
}

/** The contents of the answer of success. */
function successOf(operation: Schema): Schema {
  const [, response] = Object.entries(memberOf(operation, 'responses')).find(([code]) => /^2/.test(code)) ?? [];
  return memberOf(response, 'content');
}

function security(before: unknown, after: unknown): string[] {
  const [old, now] = [before, after].map((document) => asked(document));
  return now && !old ? ['a key is asked for now'] : [];
}

function asked(document: unknown): boolean {
  const security = isSchema(document) ? document.security : undefined;
  return Array.isArray(security) && security.length > 0;
}

function memberOf(value: unknown, name: string): Schema {
  const member = isSchema(value) ? value[name] : undefined;
  return isSchema(member) ? member : {};
}
