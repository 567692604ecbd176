import type { SchedulingTransition } from '@schoolbell/contracts';
import type { Absence, Actor, LessonStatus } from './state.ts';
import type { LessonBreak } from './refusals.ts';
import type { NextAction } from './next-action.ts';

/** What a decision made true, in past-tense facts with all that a notice needs. The edge turns them into envelopes. */
export type MoveEventType = SchedulingTransition;

/** How one lesson stands after the event. */
export interface LessonChange {
  readonly lessonId: string;
  readonly status: LessonStatus;
  /** Start before the event. */
  readonly oldStart: number;
  /** The start it speaks of: offered, agreed or no longer offered. */
  readonly newStart?: number;
  /** Why it could not return to its old start: `too-late-to-return`, `original-slot-held`. */
  readonly reason?: string;
  /** What happens if nobody acts, and when. */
  readonly next?: NextAction;
}

export interface MoveEvent {
  readonly type: MoveEventType;
  readonly at: number;
  readonly by: Actor;
  readonly lessons: readonly LessonChange[];
  readonly requestId?: string;
  readonly offer?: number;
  /** Voices that have not answered. */
  readonly missing?: readonly string[];
  /** A reason given by a person or the system. */
  readonly reason?: string;
  /** A reminder that was due is part of this notice. */
  readonly reminderIncluded?: true;
  /** Who did not come, as it is known by now. */
  readonly absences?: readonly Absence[];
  /** Lessons left out of the move by consent, and why. */
  readonly leftOut?: readonly LessonBreak[];
}
