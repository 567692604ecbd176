import { Identifier, SERVICE_NAMES, Slug } from '@schoolbell/contracts';
import { z } from 'zod';

/** Something that is done to another service on behalf of a person. Stored while it waits to be confirmed. */
export const Act = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['pause', 'resume']), destination: Slug.optional().describe('Absent: all of them.') }),
  z.object({ kind: z.literal('replay'), destination: Slug, state: z.enum(['parked', 'undelivered', 'all']), learner: Identifier.optional() }),
  z.object({ kind: z.literal('replay-dead-letters'), service: z.enum(SERVICE_NAMES), durable: z.string().optional() }),
  z.object({ kind: z.literal('replay-quarantine'), source: Slug.optional() }),
]);
export type Act = z.infer<typeof Act>;

/** Going on with one destination hurts nobody; everything else stops something or sends much of it. */
export function isDangerous(act: Act): boolean {
  return !(act.kind === 'resume' && act.destination !== undefined);
}

/** What an act is done to, for its record. */
export function targetOf(act: Act): string {
  switch (act.kind) {
    case 'pause':
    case 'resume':
      return `destination ${act.destination ?? 'all'}`;
    case 'replay':
      return `destination ${act.destination}, ${act.learner === undefined ? act.state : `learner ${act.learner}`}`;
    case 'replay-dead-letters':
      return `dead letters of ${act.durable ?? act.service}`;
    case 'replay-quarantine':
      return `quarantine of ${act.source ?? 'all sources'}`;
  }
}
