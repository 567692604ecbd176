import type { FastifySchema, RouteOptions } from 'fastify';
import type { Scope } from '@schoolbell/contracts';
import type { ScopeGuard } from './require-scope.ts';

/** One endpoint, as the OpenAPI document and the answer 405 need it. */
export interface RouteEntry {
  readonly method: string;
  readonly url: string;
  readonly schema: FastifySchema | undefined;
  readonly scope: Scope | undefined;
}

/** Every route of a server, noted as it is declared. */
export interface RouteTable {
  add(route: RouteOptions): void;
  readonly entries: readonly RouteEntry[];
  /** Methods that exist for a path, sorted. */
  methodsOf(path: string): string[];
}

export function createRouteTable(): RouteTable {
  const entries: RouteEntry[] = [];
  const patterns = new Map<string, RegExp>();
  return {
    entries,
    add(route) {
      // A preflight shows nothing and changes nothing: what it asks for has a guard of its own.
      if (route.method === 'OPTIONS') return;
      const scope = scopeOf(route);
      if (scope === undefined && route.config?.access === undefined) {
        throw new Error(`${String(route.method)} ${route.url} has neither onRequest: requireScope(…) nor config.access`);
      }
      for (const method of [route.method].flat()) entries.push({ method, url: route.url, schema: route.schema, scope });
      patterns.set(route.url, pattern(route.url));
    },
    methodsOf(path) {
      const methods = entries.filter(({ url }) => patterns.get(url)?.test(path)).map(({ method }) => method);
      return [...new Set(methods)].sort();
    },
  };
}

function scopeOf({ onRequest, preHandler, url }: RouteOptions): Scope | undefined {
  const scope = [onRequest ?? []].flat().map((hook) => (hook as Partial<ScopeGuard>).scope).find(Boolean);
  // Later than onRequest the body would be read and judged for a stranger.
  const late = [preHandler ?? []].flat().some((hook) => (hook as Partial<ScopeGuard>).scope !== undefined);
  if (late) throw new Error(`requireScope of ${url} belongs to onRequest, not to preHandler`);
  return scope;
}

function pattern(url: string): RegExp {
  const parts = url.split(/(:[^/]+|\*)/).map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
