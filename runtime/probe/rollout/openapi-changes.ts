/**
 * What of a new OpenAPI document breaks those who call by the old one. Further paths, further optional members of a body
 * and further members of an answer break nobody.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Way } from './change';
import { securityChange } from './openapi-security';
import { isSchema, type Schema } from './schema';
import { type Resolve, resolverOf } from './schema-branches';
import { schemaChanges, type Terms } from './schema-changes';
import { MOST_STEPS, Steps } from './steps';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** Each a sentence without its full stop: `POST /predict: $.features is required now`. Throws `TooManySteps`. */
export function breakingChanges(before: unknown, after: unknown, steps = new Steps(MOST_STEPS)): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  const pair = new Pair(before, after, steps);
  const [old, now] = pair.operations();
  const changes = [...old].flatMap(([name, operation]) => {
    const successor = now.get(name);
    if (successor === undefined) return [`${name} is gone`];
    const found = operationChanges(pair, operation, successor).map((change) => `${name}: ${change}`);
    const security = securityChange(operation.security, successor.security);
    return security === undefined ? found : [...found, `${name}: ${security}`];
  });
  return [...new Set(changes)];
}

/** Two documents, so that references are looked up in their own. */
class Pair {
  readonly #documents: readonly [unknown, unknown];
  readonly #resolve: readonly [Resolve, Resolve];
  readonly #terms: Terms;

  constructor(before: unknown, after: unknown, steps: Steps) {
    this.#documents = [before, after];
    this.#resolve = [resolverOf(before), resolverOf(after)];
    const [old, now] = [before, after].map((document) => memberOf(document, 'components'));
    this.#terms = { steps, sameNames: isDeepStrictEqual(old, now) };
  }

  operations(): [Map<string, Schema>, Map<string, Schema>] {
    const [old, now] = this.#documents.map((document, index) =>
      operationsOf(document, this.#resolve[index] as Resolve),
    );
    return [old as Map<string, Schema>, now as Map<string, Schema>];
  }

  schemas(way: Way, before: unknown, after: unknown): string[] {
    const old = { schema: before, resolve: this.#resolve[0] };
    return schemaChanges(way, old, { schema: after, resolve: this.#resolve[1] }, this.#terms);
  }
}

/** By method and path, each with what its path and the document say for it, and with its references followed. */
function operationsOf(document: unknown, resolve: Resolve): Map<string, Schema> {
  const everywhere = isSchema(document) ? document.security : undefined;
  const found = Object.entries(memberOf(document, 'paths')).flatMap(([path, item]) => {
    const followed = follow(item, resolve);
    return METHODS.flatMap((method): [string, Schema][] => {
      const operation = memberOf(followed, method);
      if (Object.keys(operation).length === 0) return [];
      const parameters = [followed.parameters, operation.parameters].flatMap((list) =>
        Array.isArray(list) ? list : [],
      );
      const whole = {
        security: operation.security ?? everywhere,
        parameters: parameters.map((parameter) => follow(parameter, resolve)),
        requestBody: follow(operation.requestBody, resolve),
        response: follow(successOf(operation), resolve),
      };
      return [[`${method.toUpperCase()} ${path}`, whole]];
    });
  });
  return new Map(found);
}

/** A reference to a whole path, parameter, body or answer; a chain of them that does not end leads nowhere. */
function follow(value: unknown, resolve: Resolve): Schema {
  let place = value;
  for (let times = 0; times < 10 && isSchema(place) && typeof place.$ref === 'string'; times += 1) {
    place = resolve(place.$ref);
  }
  return isSchema(place) ? place : {};
}

function operationChanges(pair: Pair, before: Schema, after: Schema): string[] {
  const [body, newBody] = [memberOf(before, 'requestBody'), memberOf(after, 'requestBody')];
  const needsBody = newBody.required === true && body.required !== true;
  const [answer, newAnswer] = [before, after].map(({ response }) => memberOf(response, 'content'));
  return [
    ...(needsBody ? ['a body is required now'] : []),
    ...mediaChanges(pair, 'sent', memberOf(body, 'content'), memberOf(newBody, 'content')),
    ...parameterChanges(pair, before, after),
    ...mediaChanges(pair, 'got', answer ?? {}, newAnswer ?? {}),
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

/** The answer of success. */
function successOf(operation: Schema): unknown {
  return Object.entries(memberOf(operation, 'responses')).find(([code]) => /^2/.test(code))?.[1];
}

function memberOf(value: unknown, name: string): Schema {
  const member = isSchema(value) ? value[name] : undefined;
  return isSchema(member) ? member : {};
}
