import type { Configuration, Transform } from '@schoolbell/service-kit';
import type { Authentication } from './authenticate.ts';
import { createEventIdReader, type EventIdReader } from './event-id.ts';
import { parsePointer } from './pointer.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

export type SourceEntry = Configuration['sources'][number];

/** A source of the configuration, ready for the hot path. */
export interface Source {
  readonly id: string;
  readonly organizations: ReadonlySet<string>;
  readonly defaultOrganization: string;
  readonly authentication: Authentication;
  readonly eventId: EventIdReader;
  readonly transform: Transform | undefined;
  readonly typePointer: readonly string[];
  readonly ignoredTypes: ReadonlySet<string>;
  readonly silentAfterMs: number | undefined;
  readonly rateLimit: RateLimit;
}

const MINUTE_MS = 60_000;

export function createSource(entry: SourceEntry, parts: Pick<Source, 'authentication' | 'transform'>): Source {
  const { organizations, silentAfterMinutes } = entry;
  return Object.freeze({
    id: entry.id,
    organizations: new Set(organizations),
    defaultOrganization: entry.defaultOrganization ?? organizations[0]!,
    authentication: parts.authentication,
    eventId: createEventIdReader(entry.eventId),
    transform: parts.transform,
    typePointer: parsePointer(entry.typePointer),
    ignoredTypes: new Set(entry.ignoreTypes),
    silentAfterMs: silentAfterMinutes === undefined ? undefined : silentAfterMinutes * MINUTE_MS,
    rateLimit: createRateLimit(entry.ratePerSecond),
  });
}
