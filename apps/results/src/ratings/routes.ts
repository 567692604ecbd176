import { Identifier, type OrganizationConfig } from '@schoolbell/contracts';
import { requireScope, type HttpServer } from '@schoolbell/service-kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../reading/cursor.ts';
import { exactly, exactNumber } from '../reading/exact.ts';
import { cut, next, OrganizationParams, Paging, requireConfigured } from '../reading/paging.ts';
import { scoreView } from '../reading/score-view.ts';
import { percentileOf } from './percentile.ts';
import type { RatingReader } from './reader.ts';
import type { RatedLearner } from './store.ts';

const RatedView = z.object({
  rank: z.int().describe('Competition rank: 1, 2, 2, 4'),
  percentile: z.number().describe('Share of the learners below, and half of the equal ones, in percent with two decimals'),
  learnerId: z.string(),
  score: z.number(),
  maxScore: z.number(),
  percent: z.number().describe('100 * score / maxScore, two decimals, half up. Ranked are the exact fractions'),
  testsCompleted: z.int(),
  testsPassed: z.int(),
});
const RatingView = z.object({ learners: z.int().describe('Learners in the rating'), items: z.array(RatedView), next });
type RatingView = z.infer<typeof RatingView>;

const Decimal = z.string().regex(/^\d{1,40}(\.\d{1,6})?$/);
const Position = z.tuple([Decimal, Decimal.refine((text) => /[1-9]/.test(text)), Identifier]);

const DESCRIPTION =
  'By share of the maximum, compared exactly, then by score; equal in both is an equal rank. Each page is ranked at its own ' +
  'moment and goes on behind the last line of the page before. Two are read at once and a few wait; further ones are 503 `overloaded`.';

export interface RatingRoutesDeps {
  readonly reader: RatingReader;
  readonly organizations: () => readonly Pick<OrganizationConfig, 'id'>[];
}

/** The learners of an organization or of a course, ranked. */
export function ratingRoutes(app: HttpServer, { reader, organizations }: RatingRoutesDeps): void {
  const tags = ['ratings'];
  const onRequest = requireScope('results:read');

  async function answer(request: FastifyRequest, organizationId: string, courseId: string | undefined, { after, limit }: z.infer<typeof Paging>): Promise<RatingView> {
    requireConfigured(request, organizationId, organizations());
    const [score, maxScore, learnerId] = decodeCursor(after, Position) ?? [];
    const position = score === undefined || maxScore === undefined || learnerId === undefined ? undefined : { score, maxScore, learnerId };
    const { learners, items: rows } = await reader.read({ organizationId, courseId, after: position, limit: limit + 1 });
    const { items, last } = cut(rows, limit);
    return { learners, items: items.map(ratedView), next: last === undefined ? null : encodeCursor([last.score, last.maxScore, last.learnerId]) };
  }

  app.get(
    '/v1/organizations/:organizationId/rating',
    {
      onRequest,
      schema: { tags, summary: 'The rating of an organization', description: DESCRIPTION, params: OrganizationParams, querystring: Paging, response: { 200: RatingView } },
    },
    async (request, reply) => exactly(reply, await answer(request, request.params.organizationId, undefined, request.query)),
  );

  app.get(
    '/v1/organizations/:organizationId/courses/:courseId/rating',
    {
      onRequest,
      schema: {
        tags,
        summary: 'The rating of a course',
        description: DESCRIPTION,
        params: OrganizationParams.extend({ courseId: Identifier }),
        querystring: Paging,
        response: { 200: RatingView },
      },
    },
    async (request, reply) => exactly(reply, await answer(request, request.params.organizationId, request.params.courseId, request.query)),
  );
}

function ratedView({ learnerId, rank, equal, learners, score, maxScore, testsCompleted, testsPassed }: RatedLearner): z.infer<typeof RatedView> {
  const percentile = exactNumber(percentileOf({ rank, equal, learners }));
  return { rank, percentile, learnerId, ...scoreView(score, maxScore), testsCompleted, testsPassed };
}
