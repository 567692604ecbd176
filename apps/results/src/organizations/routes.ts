import { Identifier } from '@schoolbell/contracts';
import { Problem, requireOrganization, requireScope, type HttpServer } from '@schoolbell/service-kit';
import { z } from 'zod';
import type { Recompute, RecomputeState } from './recompute.ts';

const params = z.object({ organizationId: Identifier });
const State = z.object({
  organizationId: z.string(),
  policy: z.enum(['best', 'latest', 'first']).describe('Which attempt counts, as the configuration says.'),
  version: z.int().describe('Rises when the configuration of the organization changes, and with every recompute.'),
  learners: z.int(),
  waiting: z.int().describe('Learners that are still decided under an older version.'),
});

export interface OrganizationRoutesDeps {
  readonly recompute: Recompute;
}

/** Deciding the learners of an organization anew. */
export function organizationRoutes(app: HttpServer, { recompute }: OrganizationRoutesDeps): void {
  const tags = ['recompute'];
  const onRequest = requireScope('results:recompute');

  app.get(
    '/v1/organizations/:organizationId/recompute',
    { onRequest, schema: { tags, summary: 'How far a recompute is', params, response: { 200: State } } },
    async (request) => {
      const { organizationId } = request.params;
      requireOrganization(request, organizationId);
      return { organizationId, ...(await found(organizationId)) };
    },
  );

  app.post(
    '/v1/organizations/:organizationId/recompute',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Decide all learners of an organization anew from their attempts',
        description: 'Works in the background; summaries whose content changes get a new revision and are told. A changed policy does this by itself.',
        params,
        body: z.object({ dryRun: z.boolean().describe('Only count.') }),
        response: { 200: State.extend({ dryRun: z.literal(true) }), 202: State.extend({ dryRun: z.literal(false) }) },
      },
    },
    async (request, reply) => {
      const { organizationId } = request.params;
      requireOrganization(request, organizationId);
      if (request.body.dryRun) return reply.code(200).send({ organizationId, ...(await found(organizationId)), dryRun: true });
      await found(organizationId);
      await recompute.begin(organizationId);
      return reply.code(202).send({ organizationId, ...(await found(organizationId)), dryRun: false });
    },
  );

  async function found(organizationId: string): Promise<RecomputeState> {
    const state = await recompute.state(organizationId);
    if (state !== undefined) return state;
    throw new Problem({
      status: 404,
      code: 'organization-unknown',
      title: 'No such organization.',
      detail: 'Organizations are declared in the configuration; results writes a new one down within seconds.',
    });
  }
}
