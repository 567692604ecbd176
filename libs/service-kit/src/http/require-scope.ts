import type { Scope } from '@schoolbell/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';
import { findToken, type ResolvedToken } from './tokens.ts';

declare module 'fastify' {
  interface FastifyInstance {
    tokens(): readonly ResolvedToken[];
  }
  interface FastifyRequest {
    /** The token that `requireScope` let in, else null. */
    token: ResolvedToken | null;
  }
  interface FastifyContextConfig {
    /**
     * Who may call a route without a scope: `public` is anybody, `own` proves itself in the handler (webhooks).
     * A route that has neither this nor `requireScope` stops the start.
     */
    access?: 'public' | 'own';
  }
}

/** An `onRequest` hook that lets in only bearer tokens with one scope. */
export interface ScopeGuard {
  (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void;
  readonly scope: Scope;
}

/**
 * Guard of an operating endpoint: `app.get(url, { onRequest: requireScope('results:read') }, …)`. It runs before the
 * body is read. 401 without a known token, 403 without the scope. The OpenAPI document names the scope.
 * `everyOrganization` is for what may be about any: 403 `organization-not-allowed` when the token is restricted at all.
 */
export function requireScope(scope: Scope, { everyOrganization = false } = {}): ScopeGuard {
  const guard = (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const token = findToken(request.server.tokens(), request.headers.authorization);
    if (token === undefined) return done(unauthenticated());
    if (!token.scopes.has(scope)) return done(forbidden(scope));
    if (everyOrganization && token.organizations !== undefined) {
      return done(notAllowed('This token may not see every organization.', 'Use a token that is not restricted to organizations.'));
    }
    request.token = token;
    done();
  };
  return Object.assign(guard, { scope });
}

/** 403 `organization-not-allowed` when the request's token is restricted to other organizations. */
export function requireOrganization(request: FastifyRequest, organizationId: string): void {
  if (request.token?.organizations?.has(organizationId) !== false) return;
  throw notAllowed('This token may not see the organization.', 'Add the organization to the token in the configuration, or use another token.');
}

const notAllowed = (title: string, detail: string): Problem => new Problem({ status: 403, code: 'organization-not-allowed', title, detail });

function unauthenticated(): Problem {
  return new Problem({
    status: 401,
    code: 'token-invalid',
    title: 'A bearer token is needed.',
    detail: 'Send "Authorization: Bearer <token>" with a token of the configuration.',
    headers: { 'www-authenticate': 'Bearer realm="schoolbell"' },
  });
}

function forbidden(scope: Scope): Problem {
  return new Problem({
    status: 403,
    code: 'scope-missing',
    title: 'This token may not do this.',
    detail: `The token needs the scope "${scope}".`,
    headers: { 'www-authenticate': `Bearer realm="schoolbell", error="insufficient_scope", scope="${scope}"` },
  });
}
