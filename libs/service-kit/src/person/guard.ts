import type { PersonRole } from '@schoolbell/contracts';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.ts';
import { KeysUnavailableError, PersonTokenError, type Subject, type VerifyPerson } from './token.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who the bearer token of a route with a person's guard names, else null. */
    subject: Subject | null;
  }
}

/**
 * Guards of endpoints for people: `app.get(url, { config: { access: 'own' }, onRequest: guard('teacher'), … }, …)`. An
 * `onRequest` hook that lets in nobody without a valid token and nobody but the roles named, all without names. It runs
 * before the body is read.
 */
export const createPersonGuard = (verify: VerifyPerson) => (...roles: PersonRole[]) => async (request: FastifyRequest): Promise<void> => {
  const token = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw unauthenticated('Send "Authorization: Bearer <token>".');
  const subject = await verify(token).catch((error: unknown) => {
    if (error instanceof KeysUnavailableError) throw keysUnavailable(error);
    if (error instanceof PersonTokenError) throw unauthenticated(`${error.message}.`);
    throw error;
  });
  if (roles.length > 0 && !roles.includes(subject.role)) throw forbidden(`This needs one of the roles: ${roles.join(', ')}.`);
  request.subject = subject;
};
export type PersonGuard = ReturnType<typeof createPersonGuard>;

/** The person that a guard has let in. */
export function subjectOf(request: FastifyRequest): Subject {
  if (request.subject === null) throw new Error('the route has no guard');
  return request.subject;
}

/** 403 `not-allowed`. */
export const forbidden = (detail: string): Problem =>
  new Problem({ status: 403, code: 'not-allowed', title: 'You may not do this.', detail });

function unauthenticated(detail: string): Problem {
  return new Problem({
    status: 401, code: 'token-invalid', title: 'A bearer token is needed.', detail,
    headers: { 'www-authenticate': 'Bearer realm="schoolbell-people"' },
  });
}

const keysUnavailable = (cause: unknown): Problem =>
  new Problem({
    status: 503, code: 'keys-unavailable', title: "The issuer's keys could not be had, so tokens cannot be checked.",
    detail: 'Try again in a few seconds.', headers: { 'retry-after': '5' }, cause,
  });
