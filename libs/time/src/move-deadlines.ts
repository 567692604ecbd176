/**
 * When an offered move of a lesson expires and when people are told. Exact durations, so clock changes do not touch them.
 * Three instants in, instants out; which commands these bind is the scheduling service's business.
 */

/** An offer closes this long before the offered start; a scheduled lesson may be asked for until this before its start. */
export const MOVE_LEAD_MS = 10 * 60_000;
/** Both sides are reminded of an unfinished move this long before the old start. */
export const REMIND_LEAD_MS = 60 * 60_000;

export interface MoveDeadlines {
  readonly direction: 'earlier' | 'later';
  /** The offered start less 10 minutes: at this instant the offer is declined by the system. */
  readonly autoDeclineAt: number;
  /** Later moves: the old start less 1 hour, or now when that is past. */
  readonly remindAt?: number;
  /** The reminder is part of the notice about the offer, because its time is already here. */
  readonly remindAtOnce?: true;
  /** Earlier moves: the old start less 10 minutes, when they are told again that the move is unfinished. */
  readonly unfinishedNoticeAt?: number;
}

export type OfferTimeRefusal = 'IN_THE_PAST' | 'TOO_NEAR' | 'SAME_TIME';

/** Why an offered start cannot be taken, whatever the limits: it is past, would expire at once, or changes nothing. */
export function offerTimeRefusal(now: number, oldStart: number, newStart: number): OfferTimeRefusal | undefined {
  if (newStart <= now) return 'IN_THE_PAST';
  if (newStart - MOVE_LEAD_MS <= now) return 'TOO_NEAR';
  if (newStart === oldStart) return 'SAME_TIME';
  return undefined;
}

/** The deadlines of an offer made now. All instants in epoch ms. */
export function moveDeadlines(now: number, oldStart: number, newStart: number): MoveDeadlines {
  const autoDeclineAt = newStart - MOVE_LEAD_MS;
  if (newStart < oldStart) {
    return { direction: 'earlier', autoDeclineAt, unfinishedNoticeAt: oldStart - MOVE_LEAD_MS };
  }
  const remindAt = oldStart - REMIND_LEAD_MS;
  return remindAt > now
    ? { direction: 'later', autoDeclineAt, remindAt }
    : { direction: 'later', autoDeclineAt, remindAt: now, remindAtOnce: true };
}
