/**
 * Which path and method is answered by whom, on the traffic port and on the management port. It strips the base path that
 * a load balancer leaves on; what the answers are is the protocols' business.
 */
import type { Answer } from './answer';
import type { Call, ProblemForm } from './call';
import type { Cors } from './cors';
import { Errors } from './errors';

export type Responder = (call: Call) => Answer | Promise<Answer>;

export interface Route {
  /** A segment that begins with a colon takes any text: `/v2/models/:model`. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly respond: Responder;
  /** Asked by a probe every few seconds: its successes are neither logged nor counted, and no base path is needed. */
  readonly isProbe?: boolean;
}

/** Everything under a path, whether something is there or not, fails in one form. */
export interface ProblemScope {
  /** Such as `/v2`. */
  readonly path: string;
  readonly problem: ProblemForm;
}

/** Throws, or rejects, unless the call may pass. */
export interface Gatekeeper {
  admit(call: Call): undefined | Promise<void>;
}

export class Router {
  readonly #exact = new Map<string, Route[]>();
  readonly #patterns: readonly Pattern[];

  constructor(
    routes: readonly Route[],
    private readonly basePath: string,
    private readonly scopes: readonly ProblemScope[] = [],
    /** Asked for every route; left out: nobody is turned away. */
    private readonly gatekeeper?: Gatekeeper,
    /** Answers what browsers ask before a page's call; left out: nobody does. */
    private readonly cors?: Cors,
  ) {
    for (const route of routes.filter(({ path }) => !path.includes(':')))
      this.#exact.set(route.path, [...(this.#exact.get(route.path) ?? []), route]);
    this.#patterns = routes.filter(({ path }) => path.includes(':')).map((route) => new Pattern(route));
  }

  answer(call: Call): Answer | Promise<Answer> {
    const path = this.#withoutBase(call.path);
    const scope = this.scopes.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    if (scope !== undefined) call.problem = scope.problem;
    if (!call.hasHost) throw Errors.badRequest('HTTP/1.1 wants a Host header.');
    const found = this.#find(call, path);
    if (found.length === 0) throw Errors.notFound(call.path);
    call.route = found[0]?.path;
    if (this.cors?.isPreflight(call)) return preflight(call, this.cors, allowed(found));
    const route = found.find(({ method }) => allows(method, call.method));
    if (route === undefined) throw Errors.methodNotAllowed(call.method, call.path, allowed(found).join(', '));
    call.isProbe = route.isProbe ?? false;
    const waiting = this.gatekeeper?.admit(call);
    return waiting === undefined ? route.respond(call) : waiting.then(() => route.respond(call));
  }

  #withoutBase(path: string): string {
    return path.startsWith(`${this.basePath}/`) ? path.slice(this.basePath.length) : path;
  }

  /** Those of the path, each with a method of its own; probes are found without the base path too. */
  #find(call: Call, path: string): readonly Route[] {
    const isUnderBase = path !== call.path || this.basePath === '';
    const exact = this.#exact.get(path) ?? [];
    const routes = exact.length > 0 ? exact : this.#matching(call, path);
    return isUnderBase ? routes : routes.filter(({ isProbe }) => isProbe);
  }

  #matching(call: Call, path: string): readonly Route[] {
    const segments = path.split('/');
    const matching = this.#patterns.filter((pattern) => pattern.matches(segments));
    call.params = matching[0]?.params(segments) ?? call.params;
    return matching.map(({ route }) => route);
  }
}

class Pattern {
  readonly #segments: readonly string[];

  constructor(readonly route: Route) {
    this.#segments = route.path.split('/');
  }

  matches(segments: readonly string[]): boolean {
    return segments.length === this.#segments.length && this.#segments.every((one, at) => fits(one, segments[at]));
  }

  params(segments: readonly string[]): Readonly<Record<string, string>> {
    const named = this.#segments.map((one, at) => [one.slice(1), decoded(segments[at] as string)] as const);
    return Object.fromEntries(named.filter((_, at) => (this.#segments[at] as string).startsWith(':')));
  }
}

const fits = (pattern: string, segment = '') => (pattern.startsWith(':') ? segment !== '' : pattern === segment);

/** What is no percent-encoding is taken as it stands: it names nothing. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Whoever may GET may HEAD; the server leaves the body out. */
const allows = (method: Route['method'], asked: string) => asked === method || (method === 'GET' && asked === 'HEAD');

const allowed = (routes: readonly Route[]) =>
  routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));

/** Before anybody is asked for a key, which browsers do not send with it; and no more a caller's request than a probe. */
function preflight(call: Call, cors: Cors, methods: readonly string[]): Answer {
  call.isProbe = true;
  return cors.preflight(call, methods);
}
