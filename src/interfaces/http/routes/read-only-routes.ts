import { MethodNotAllowed } from './method-not-allowed.js';
import type { Endpoint } from './parse-target.js';
import type { Handler, Route } from './registry-routes.js';

const WRITING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** The same endpoints without what changes anything: those methods are refused with 405 UNSUPPORTED. */
export function readOnlyRoutes(routes: Readonly<Record<Endpoint, Route>>): Readonly<Record<Endpoint, Route>> {
  const entries = Object.entries(routes).map(([endpoint, route]) => [endpoint, readOnly(route)] as const);
  return Object.fromEntries(entries) as Record<Endpoint, Route>;
}

function readOnly({ metric, handlers, methods }: Route): Route {
  const allowed = methods.filter((method) => !WRITING.has(method));
  const refuse: Handler = async ({ method }) => {
    throw new MethodNotAllowed(method, allowed, 'the registry is read-only: its folder can not be written');
  };
  const kept = [...handlers].map(
    ([method, handler]) => [method, WRITING.has(method) ? refuse : handler] as const,
  );
  return { metric, handlers: new Map(kept), methods: allowed };
}
