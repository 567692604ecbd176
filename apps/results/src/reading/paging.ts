import { Identifier } from '@schoolbell/contracts';
import { Problem, requireOrganization } from '@schoolbell/service-kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

const PAGE_MAX = 500;
const PAGE_DEFAULT = 50;

export const Paging = z.object({
  after: z.string().optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
});
export const next = z.string().nullable().describe('Cursor of the next page; null: this was the last');

export const OrganizationParams = z.object({ organizationId: Identifier });

/** Asks for one line more than is shown, and so never announces an empty page. */
export function cut<Row>(rows: readonly Row[], limit: number): { readonly items: readonly Row[]; readonly last: Row | undefined } {
  return rows.length > limit ? { items: rows.slice(0, limit), last: rows[limit - 1] } : { items: rows, last: undefined };
}

/** The organization of the path: this token may see it, and it is configured. */
export function requireConfigured(request: FastifyRequest, organizationId: string, configured: readonly { readonly id: string }[]): void {
  requireOrganization(request, organizationId);
  if (configured.some(({ id }) => id === organizationId)) return;
  const detail = `"${organizationId}" is not in the configuration that is in force.`;
  throw new Problem({ status: 404, code: 'organization-unknown', title: 'There is no such organization.', detail });
}
