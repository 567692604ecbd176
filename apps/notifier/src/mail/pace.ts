import { backoffMs, type Random } from '@schoolbell/time';
import type { MailOutcome } from './outcome.ts';

/** When a reader may be written to again, and what is known of their address. Pure. */
export interface Standing {
  readonly state: 'ok' | 'failing' | 'refused';
  /** The address that it is about. */
  readonly address: string;
  readonly failures: number;
  readonly lastError: string | null;
  readonly notBeforeMs: number;
}

/** What follows a mail within a minute is gathered into the next. */
export const GATHER_MS = 60_000;
const DEFERRED_BACKOFF = { baseMs: 60_000, maxMs: 3_600_000 };
/** Greylisting lets through whoever comes again after a few minutes; sooner is in vain. */
const DEFERRED_LEAST_MS = 60_000;
/** A lesson may be nearer than that, and nobody reads older news. */
export const GIVE_UP_AFTER_MS = 3 * 24 * 3_600_000;

export function settle(standing: Standing, outcome: MailOutcome, nowMs: number, random: Random): Standing {
  switch (outcome.kind) {
    case 'sent':
      return { ...standing, state: 'ok', failures: 0, lastError: null, notBeforeMs: nowMs + GATHER_MS };
    case 'address-refused':
      return { ...standing, state: 'refused', failures: standing.failures + 1, lastError: outcome.reason, notBeforeMs: nowMs };
    case 'deferred': {
      const waitMs = DEFERRED_LEAST_MS + backoffMs(standing.failures, DEFERRED_BACKOFF, random);
      return { ...standing, state: 'failing', failures: standing.failures + 1, lastError: outcome.reason, notBeforeMs: nowMs + waitMs };
    }
    case 'mail-refused':
      return { ...standing, lastError: outcome.reason, notBeforeMs: nowMs + GATHER_MS };
    case 'server-away':
      // It is not about this reader: whoever sends holds all of them.
      return standing;
  }
}

const HOLD_BACKOFF = { baseMs: 1_000, maxMs: 30_000 };
const HOLD_LEAST_MS = 1_000;

/** How long nobody is written to after so many failures of the server in a row. */
export const holdMs = (failures: number, random: Random): number => HOLD_LEAST_MS + backoffMs(failures, HOLD_BACKOFF, random);
