/**
 * The two state machines as tables: what the code runs and what docs/scheduling-states.md draws. A row without `when`
 * is the fallback of the rows before it; a change that no row allows is a bug.
 */
import type { LessonStatus, RequestStatus } from './state.ts';

export interface Transition<State extends string, On extends string, Guard extends string> {
  readonly from: State;
  readonly on: On;
  readonly when?: Guard;
  readonly to: State;
}

export type LessonTrigger =
  | 'offer' | 'counter' | 'approve' | 'return' | 'expire' | 'restore' | 'lapse' | 'set' | 'extend'
  | 'end' | 'miss' | 'hold' | 'cancel' | 'rederive' | 'suspend';
/** `canReturn`: the old start is still ahead and its slot free. `askedByDatabase`: nobody but a new database wants the move. */
export type LessonGuard = 'canReturn' | 'askedByDatabase';

export const LESSON_TABLE: readonly Transition<LessonStatus, LessonTrigger, LessonGuard>[] = [
  { from: 'scheduled', on: 'offer', to: 'offered' },
  { from: 'scheduled', on: 'rederive', to: 'scheduled' },
  { from: 'scheduled', on: 'end', to: 'completed' },
  { from: 'scheduled', on: 'suspend', to: 'awaiting' },
  { from: 'scheduled', on: 'miss', to: 'missed' },
  { from: 'scheduled', on: 'hold', to: 'completed' },
  { from: 'scheduled', on: 'cancel', to: 'cancelled' },
  { from: 'offered', on: 'counter', to: 'offered' },
  { from: 'offered', on: 'approve', to: 'scheduled' },
  { from: 'offered', on: 'return', when: 'canReturn', to: 'scheduled' },
  { from: 'offered', on: 'return', to: 'awaiting' },
  { from: 'offered', on: 'expire', when: 'askedByDatabase', to: 'scheduled' },
  { from: 'offered', on: 'expire', to: 'awaiting' },
  { from: 'offered', on: 'rederive', to: 'offered' },
  { from: 'offered', on: 'lapse', to: 'lapsed' },
  { from: 'offered', on: 'cancel', to: 'cancelled' },
  { from: 'awaiting', on: 'offer', to: 'offered' },
  { from: 'awaiting', on: 'restore', to: 'scheduled' },
  { from: 'awaiting', on: 'rederive', to: 'awaiting' },
  { from: 'awaiting', on: 'lapse', to: 'lapsed' },
  { from: 'awaiting', on: 'cancel', to: 'cancelled' },
  { from: 'lapsed', on: 'set', to: 'scheduled' },
  { from: 'lapsed', on: 'extend', to: 'awaiting' },
  { from: 'lapsed', on: 'cancel', to: 'cancelled' },
  { from: 'completed', on: 'miss', to: 'missed' },
  { from: 'missed', on: 'hold', to: 'completed' },
];

export type RequestTrigger = 'counter' | 'agree' | 'detach' | 'expire' | 'return' | 'propose' | 'rederive' | 'end';
/** `lessonIsAwaiting`: a lesson stays behind without a time, and the thread stays open for it. */
export type RequestGuard = 'voicesAreMissing' | 'lessonIsAwaiting';

export const REQUEST_TABLE: readonly Transition<RequestStatus, RequestTrigger, RequestGuard>[] = [
  { from: 'offered', on: 'counter', to: 'offered' },
  { from: 'offered', on: 'agree', when: 'voicesAreMissing', to: 'offered' },
  { from: 'offered', on: 'agree', to: 'closed' },
  { from: 'offered', on: 'detach', to: 'offered' },
  { from: 'offered', on: 'expire', when: 'lessonIsAwaiting', to: 'waiting' },
  { from: 'offered', on: 'expire', to: 'closed' },
  { from: 'offered', on: 'return', when: 'lessonIsAwaiting', to: 'waiting' },
  { from: 'offered', on: 'return', to: 'closed' },
  { from: 'offered', on: 'rederive', to: 'offered' },
  { from: 'offered', on: 'end', to: 'closed' },
  { from: 'waiting', on: 'propose', to: 'offered' },
  { from: 'waiting', on: 'end', to: 'closed' },
];

/** The state after a trigger. Throws when the table has no such change: then the caller is wrong, not the person. */
export function advance<State extends string, On extends string, Guard extends string>(
  table: readonly Transition<State, On, Guard>[],
  from: State,
  on: On,
  guards: Partial<Record<Guard, boolean>> = {},
): State {
  const row = table.find((candidate) =>
    candidate.from === from && candidate.on === on && (candidate.when === undefined || guards[candidate.when] === true));
  if (row === undefined) throw new Error(`no transition from ${from} on ${on}`);
  return row.to;
}

/** Does the table know a change from this state on this trigger? */
export const canAdvance = <State extends string, On extends string>(
  table: readonly Transition<State, On, string>[], from: State, on: On,
): boolean => table.some((row) => row.from === from && row.on === on);
