import { forbidden, subjectOf, type PersonGuard, type Subject } from '@schoolbell/service-kit';
import type { FastifyRequest } from 'fastify';

export { forbidden, subjectOf, type PersonGuard as Guard };

/** Roles that see and arrange everything. */
export const isStaff = ({ role }: Subject): boolean => role === 'manager' || role === 'admin';

/** Everybody sees only their own; staff sees all. */
export function requireSelf(request: FastifyRequest, id: string): void {
  const subject = subjectOf(request);
  if (subject.id !== id && !isStaff(subject)) throw forbidden('You see and change only your own.');
}
