import { Identifier, Slug } from '@schoolbell/contracts';
import { Problem, requireOrganization } from '@schoolbell/service-kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DeliveryConfiguration, Destination } from '../destination/compile.ts';

export const DestinationParams = z.object({ id: Slug });

/** The configured destination of a path, if this token may touch its organization. */
export function findDestination(configuration: DeliveryConfiguration, request: FastifyRequest, id: string): Destination {
  const destination = configuration.destinations.get(id);
  if (destination === undefined) throw unknownDestination(id);
  requireOrganization(request, destination.organizationId);
  return destination;
}

export function unknownDestination(id: string): Problem {
  return new Problem({
    status: 404,
    code: 'destination-unknown',
    title: 'There is no such destination.',
    detail: `"${id}" is not in the configuration that is in force.`,
  });
}

/** Names one row of a destination: a learner, or for ratings a course or the whole organization. */
export const RowKey = z.union([
  z.strictObject({ learnerId: Identifier }),
  z.strictObject({ rating: z.strictObject({ courseId: Identifier.optional() }) }),
]);

export function rowOf(key: z.infer<typeof RowKey>): { readonly kind: 'summary' | 'rating'; readonly key: string } {
  return 'learnerId' in key ? { kind: 'summary', key: key.learnerId } : { kind: 'rating', key: key.rating.courseId ?? '' };
}
