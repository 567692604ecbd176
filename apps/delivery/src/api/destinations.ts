import type { PrismaClient } from '../generated/client.ts';
import { formatInstant } from '@schoolbell/time';
import { z } from 'zod';
import type { Destination } from '../destination/compile.ts';
import type { Waiting } from '../watch/store.ts';

const instant = z.iso.datetime();

export const DestinationView = z.object({
  id: z.string(),
  organizationId: z.string(),
  configured: z.boolean().describe('False: the configuration names it no more; its rows stay and nothing is sent.'),
  url: z.string().nullable(),
  state: z.enum(['active', 'paused', 'disabled']),
  stateReason: z.string(),
  stateSince: instant,
  circuit: z.enum(['closed', 'open']),
  circuitReason: z.string(),
  circuitSince: instant,
  nextProbeAt: instant.nullable(),
  holdUntil: instant.nullable().describe('Asked by an answer 429 or 503.'),
  holdReason: z.string(),
  ramp: z.int().nullable().describe('Requests at once while it recovers; null when it has recovered.'),
  waiting: z.object({ due: z.int(), inFlight: z.int(), parked: z.int(), oldestSince: instant.nullable() }),
});
export type DestinationView = z.infer<typeof DestinationView>;

type Row = NonNullable<Awaited<ReturnType<PrismaClient['destination']['findUnique']>>>;

/** A destination as an operator sees it: its row, what waits there, and whether it is configured. */
export function describeDestination(row: Row, waiting: Waiting | undefined, configured: Destination | undefined): DestinationView {
  return {
    id: row.id,
    organizationId: row.organizationId,
    configured: configured !== undefined,
    url: configured === undefined ? null : withoutQuery(configured.url),
    state: row.state as DestinationView['state'],
    stateReason: row.stateReason,
    stateSince: text(row.stateSince),
    circuit: row.circuit as DestinationView['circuit'],
    circuitReason: row.circuitReason,
    circuitSince: text(row.circuitSince),
    nextProbeAt: row.circuit === 'open' ? textOrNull(row.probeNotBefore) : null,
    holdUntil: textOrNull(row.holdUntil),
    holdReason: row.holdReason,
    ramp: row.ramp,
    waiting: {
      due: waiting?.due ?? 0,
      inFlight: waiting?.leased ?? 0,
      parked: waiting?.parked ?? 0,
      oldestSince: waiting?.oldestSince == null ? null : formatInstant(waiting.oldestSince),
    },
  };
}

/** A query may carry a key of the client's. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

export const text = (date: Date): string => formatInstant(date.getTime());
export const textOrNull = (date: Date | null): string | null => (date === null ? null : text(date));
