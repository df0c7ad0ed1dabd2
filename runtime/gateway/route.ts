/**
 * Which path and method is answered by whom, on the traffic port and on the management port. It strips the base path that
 * a load balancer leaves on; what the answers are is the protocols' business.
 */
import type { Answer } from './answer';
import type { Call } from './call';
import type { Cors } from './cors';
import { Errors } from './errors';

export type Responder = (call: Call) => Answer | Promise<Answer>;

export interface Route {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly respond: Responder;
  /** Asked by a probe every few seconds: its successes are neither logged nor counted, and no base path is needed. */
  readonly isProbe?: boolean;
}

/** Throws, or rejects, unless the call may pass. */
export interface Gatekeeper {
  admit(call: Call): undefined | Promise<void>;
}

export class Router {
  readonly #byPath: ReadonlyMap<string, Route>;

  constructor(
    routes: readonly Route[],
    private readonly basePath: string,
    /** Asked for every route; left out: nobody is turned away. */
    private readonly gatekeeper?: Gatekeeper,
    /** Answers what browsers ask before a page's call; left out: nobody does. */
    private readonly cors?: Cors,
  ) {
    this.#byPath = new Map(routes.map((route) => [route.path, route]));
  }

  answer(call: Call): Answer | Promise<Answer> {
    if (!call.hasHost) throw Errors.badRequest('HTTP/1.1 wants a Host header.');
    const route = this.#find(call.path);
    if (route === undefined) throw Errors.notFound(call.path);
    call.route = route.path;
    call.isProbe = route.isProbe ?? false;
    // Whoever may GET may HEAD; the server leaves the body out.
    const allowed = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
    if (this.cors?.isPreflight(call)) return preflight(call, this.cors, allowed);
    if (!allowed.includes(call.method)) throw Errors.methodNotAllowed(call.method, call.path, allowed.join(', '));
    const waiting = this.gatekeeper?.admit(call);
    return waiting === undefined ? route.respond(call) : waiting.then(() => route.respond(call));
  }

  #find(path: string): Route | undefined {
    const route = path.startsWith(`${this.basePath}/`) ? this.#byPath.get(path.slice(this.basePath.length)) : undefined;
    if (route !== undefined) return route;
    const unprefixed = this.#byPath.get(path);
    return unprefixed?.isProbe ? unprefixed : undefined;
  }
}

/** Before anybody is asked for a key, which browsers do not send with it; and no more a caller's request than a probe. */
function preflight(call: Call, cors: Cors, methods: readonly string[]): Answer {
  call.isProbe = true;
  return cors.preflight(call, methods);
}
