import type { Database } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { READER_LANGUAGES, readerLanguage } from '@schoolbell/time/zones';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { subjectOf } from '../access/guard.ts';
import { findParticipants } from '../people/store.ts';
import { ViewZone } from './schemas.ts';
import type { Reader } from './views.ts';

/** Times can be read in any zone; without one asked for, in the reader's own. */
export const ReaderQuery = z.object({
  zone: ViewZone.optional().describe("Zone to render in; default the reader's own"),
  language: z.enum(READER_LANGUAGES).optional().describe("Default the reader's own"),
});

const FALLBACK_ZONE = 'UTC';

export async function readerOf(
  { db, clock }: { db: Pick<Database, 'query'>; clock: Clock }, request: FastifyRequest, { zone, language }: z.infer<typeof ReaderQuery>,
): Promise<Reader> {
  const now = clock.now();
  if (zone !== undefined && language !== undefined) return { zone, language, now };
  const [own] = await findParticipants(db, [subjectOf(request).id]);
  return { zone: zone ?? own?.zone ?? FALLBACK_ZONE, language: language ?? readerLanguage(own?.locale ?? 'en'), now };
}
