import { MOVE_LEAD_MS, moveDeadlines, REMIND_LEAD_MS } from '@schoolbell/time';
import { endOf, itemOf, limitOf, type Facts, type Lesson, type MoveRequest, type OfferItem } from './state.ts';

/**
 * What happens to a lesson next if nobody acts, as a pure function of the stored facts. The minimum is written to the
 * lesson's row at every transition; the poller finds it there. Nothing else is ever the truth about a deadline.
 */
export const NEXT_ACTIONS = [
  'expire', // the open offer is declined by the system, or the lesson detached from its series
  'remind', // an hour before the old start, a later move is unfinished
  'unfinished', // ten minutes before the old start: it is lost, another time is needed
  'limit-warning', // a week is left
  'follow-up', // daily, to both sides
  'lapse', // nobody can move it any more: the manager decides
  'ask-manager', // daily, until the manager has decided
  'suspend', // the start of a lesson whose package is frozen: it does not take place and awaits a new time
  'complete', // a scheduled lesson is over
] as const;
export type NextActionKind = (typeof NEXT_ACTIONS)[number];

export interface NextAction {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: NextActionKind;
}

export const FOLLOW_UP_EVERY_MS = 24 * 3_600_000;
export const LIMIT_WARNING_LEAD_MS = 7 * 24 * 3_600_000;

/** Ten minutes before the offered start; an offer by a new tz database must end in time for the lesson to be held. */
export const expiryOf = (request: Pick<MoveRequest, 'origin'>, lesson: Pick<Lesson, 'start'>, item: Pick<OfferItem, 'start'>): number =>
  (request.origin === 'people' ? item.start : Math.min(item.start, lesson.start)) - MOVE_LEAD_MS;

/** Of a later move: the reminder an hour before the old start is due already when the offer is made. */
export const remindsAtOnce = (now: number, lesson: Pick<Lesson, 'start'>, item: Pick<OfferItem, 'start'>): boolean =>
  moveDeadlines(now, lesson.start, item.start).remindAtOnce === true;

/** Every action that the lesson still has ahead, in no order. */
export function actionsAhead(
  lesson: Lesson, request: MoveRequest | undefined, facts: Pick<Facts, 'limit' | 'contracts' | 'frozenSince'>,
): NextAction[] {
  switch (lesson.status) {
    case 'scheduled':
      return facts.frozenSince !== undefined && lesson.start >= facts.frozenSince
        ? [{ at: lesson.start, kind: 'suspend' }]
        : [{ at: endOf(lesson), kind: 'complete' }];
    case 'offered': {
      const item = itemOf(request, lesson.id);
      if (request === undefined || item === undefined) throw new Error(`offered lesson ${lesson.id} without an offer`);
      const expire: NextAction = { at: expiryOf(request, lesson, item), kind: 'expire' };
      if (request.origin === 'tz-database') return [expire];
      const actions: NextAction[] = [expire, { at: limitOf(lesson, facts), kind: 'lapse' }];
      if (item.start > lesson.start && lesson.remindedAt === undefined) {
        actions.push({ at: lesson.start - REMIND_LEAD_MS, kind: 'remind' });
      }
      return actions;
    }
    case 'awaiting':
      return awaitingActions(lesson, limitOf(lesson, facts), facts.frozenSince !== undefined);
    case 'lapsed':
      return [{ at: since(lesson.lapsedSince, lesson) + FOLLOW_UP_EVERY_MS * (lesson.managerReminders + 1), kind: 'ask-manager' }];
    case 'completed':
    case 'missed':
    case 'cancelled':
      return [];
  }
}

/** Nobody is followed up about a lesson that they may not move now; its limit counts nevertheless. */
function awaitingActions(lesson: Lesson, limit: number, frozen: boolean): NextAction[] {
  const actions: NextAction[] = [{ at: limit, kind: 'lapse' }];
  if (lesson.unfinishedToldAt === undefined) actions.push({ at: lesson.start - MOVE_LEAD_MS, kind: 'unfinished' });
  if (frozen) return actions;
  actions.push({ at: since(lesson.awaitingSince, lesson) + FOLLOW_UP_EVERY_MS * (lesson.followUps + 1), kind: 'follow-up' });
  if (lesson.limitWarnedAt === undefined) actions.push({ at: limit - LIMIT_WARNING_LEAD_MS, kind: 'limit-warning' });
  return actions;
}

function since(instant: number | undefined, lesson: Lesson): number {
  if (instant === undefined) throw new Error(`${lesson.status} lesson ${lesson.id} without a beginning`);
  return instant;
}

const rank = (kind: NextActionKind): number => NEXT_ACTIONS.indexOf(kind);

/** The earliest; of several at one instant the one that changes most comes first. */
export const earliest = (actions: readonly NextAction[]): NextAction | undefined =>
  actions.toSorted((one, other) => one.at - other.at || rank(one.kind) - rank(other.kind))[0];

/** What happens next to the lesson if nobody acts; undefined only when it is over or cancelled. */
export const nextAction = (
  lesson: Lesson, request: MoveRequest | undefined, facts: Pick<Facts, 'limit' | 'contracts' | 'frozenSince'>,
): NextAction | undefined => earliest(actionsAhead(lesson, request, facts));
