import type { Interval, Pass, WallTime } from '@schoolbell/time/zones';
import type { PackageKind, Scope, SideRole } from '../packages/kinds.ts';
import type { NextAction } from './next-action.ts';

/**
 * What one decision sees and may change: the open request with all its lessons, or the lessons a new request is about.
 * Plain data; all instants are milliseconds since the epoch. O is a lesson's `start`, N the `start` of an offer's item.
 */

/** `offered`: awaiting a new time, with an open offer. `awaiting`: without one. */
export type LessonStatus = 'scheduled' | 'offered' | 'awaiting' | 'lapsed' | 'completed' | 'missed' | 'cancelled';

export interface Lesson {
  readonly id: string;
  readonly packageId: string;
  /** Who teaches it: another one than the package's after a replacement. */
  readonly teacherId: string;
  readonly status: LessonStatus;
  /** Rises with every change; the row's compare-and-set. */
  readonly version: number;
  /** SEQUENCE of the calendar feed: rises with a published change of start, end or status. */
  readonly sequence: number;
  readonly start: number;
  readonly minutes: number;
  /** The agreed wall clock in `zone`, also where a gap moved the instant. */
  readonly wall: WallTime;
  readonly zone: string;
  readonly pass?: Pass;
  /** Release of the time-zone database that `start`, and what is offered, was derived with; no release when by several. */
  readonly tzVersion: string;
  /** `start` was kept although a newer database would derive another. */
  readonly keepsInstant: boolean;
  /** Open request that claims this lesson. */
  readonly requestId?: string;
  /** The old slot is still held, because the lesson may return to it. */
  readonly holdsOriginal: boolean;
  /** When the lesson first had neither a time nor an offer; follow-ups count from here. */
  readonly awaitingSince?: number;
  readonly followUps: number;
  readonly remindedAt?: number;
  readonly unfinishedToldAt?: number;
  readonly limitWarnedAt?: number;
  readonly lapsedSince?: number;
  readonly managerReminders: number;
  /** Set by the manager: replaces the package's limit for this lesson. */
  readonly extendedLimit?: number;
  /** Who did not come, as reported. */
  readonly absences: readonly Absence[];
  /** Derived from all of the above, rewritten at every transition. */
  readonly next?: NextAction;
}

export interface Actor {
  readonly id: string;
  readonly role: SideRole | 'manager' | 'system';
}

/** Somebody did not come to a lesson; `by` says so. */
export interface Absence {
  readonly id: string;
  readonly role: 'teacher' | 'student';
  readonly by: Actor;
  readonly at: number;
}

export interface OfferItem {
  readonly lessonId: string;
  readonly start: number;
  readonly wall: WallTime;
  readonly pass?: Pass;
  /** `start` was kept although a newer time-zone database would derive another. */
  readonly keepsInstant?: boolean;
  /** Why the lesson is no longer part of the offer. */
  readonly dropped?: 'detached' | 'left-out' | 'cancelled';
}

export type OfferStatus = 'open' | 'approved' | 'declined' | 'countered' | 'withdrawn' | 'expired' | 'closed';

/** One proposal in the thread of a request. Its number identifies it: commands name the offer they answer. */
export interface Offer {
  readonly number: number;
  readonly by: Actor;
  readonly madeAt: number;
  readonly status: OfferStatus;
  readonly items: readonly OfferItem[];
  /** Voices that agree (see consent.ts), the offerer's own included. */
  readonly agreed: readonly string[];
}

export type RequestStatus = 'offered' | 'waiting' | 'closed';
export type RequestOutcome = 'approved' | 'declined' | 'withdrawn' | 'expired' | 'restored' | 'lapsed' | 'closed';

export interface MoveRequest {
  readonly id: string;
  readonly packageId: string;
  readonly scope: Scope;
  readonly status: RequestStatus;
  readonly outcome?: RequestOutcome;
  /** People negotiate; a new time-zone database asks too, and its expiry leaves the lesson as it is. */
  readonly origin: 'people' | 'tz-database';
  /** Who opened the current round, by request or proposal: only they or their partner withdraw. */
  readonly openedBy: Actor;
  readonly detachedFrom?: string;
  readonly offers: readonly Offer[];
  readonly version: number;
}

/** One student's place in a package. A partner speaks for its seats. */
export interface Seat {
  readonly studentId: string;
  readonly partnerId: string;
}

/** A held slot of a teacher or student, of a lesson outside the scene. */
export interface Busy extends Interval {
  readonly participantId: string;
  readonly lessonId: string;
}

/** Everything a decision must know that it may not change. */
export interface Facts {
  readonly kind: PackageKind;
  readonly packageId: string;
  /** The package's zone, frozen at purchase. */
  readonly zone: string;
  /** Local midnight after the last day of package and reserve weeks. */
  readonly limit: number;
  /** Since when the package is frozen: none of its lessons is moved, and none takes place that begins from then on. */
  readonly frozenSince?: number;
  /** When the teacher is under contract; renewed contracts are joined. */
  readonly contracts: readonly Interval[];
  readonly teacherId: string;
  /** Active seats only. */
  readonly seats: readonly Seat[];
  /** Of the lesson that is reported on: the seats that there were at its start. */
  readonly seatsThen?: readonly Seat[];
  /** Why the teacher does not teach then, by working hours and days off. */
  readonly unavailable: (slot: Interval) => 'outside-working-hours' | 'teacher-day-off' | undefined;
  readonly busy: readonly Busy[];
  readonly tzVersion: string;
}

/** The aggregate of a decision. */
export interface Scene {
  readonly requests: readonly MoveRequest[];
  readonly lessons: readonly Lesson[];
}

export const endOf = (lesson: { readonly start: number; readonly minutes: number }): number =>
  lesson.start + lesson.minutes * 60_000;
export const openOffer = (request: MoveRequest | undefined): Offer | undefined =>
  request?.offers.findLast(({ status }) => status === 'open');
export const openItems = (offer: Offer | undefined): readonly OfferItem[] =>
  offer?.items.filter(({ dropped }) => dropped === undefined) ?? [];
export const itemOf = (request: MoveRequest | undefined, lessonId: string): OfferItem | undefined =>
  openItems(openOffer(request)).find((item) => item.lessonId === lessonId);
/** The lesson that the new time of a counter is of. Unnamed it is the first of the offer as it was made, also when that is gone. */
export const counteredLesson = (offer: Offer | undefined, named: string | undefined): string | undefined => named ?? offer?.items[0]?.lessonId;
/** No lesson can be moved beyond: the end of package, reserve weeks and teacher's contracts, or what the manager set. */
export const limitOf = (lesson: Lesson, facts: Pick<Facts, 'limit' | 'contracts'>): number =>
  Math.min(lesson.extendedLimit ?? facts.limit, Math.max(...facts.contracts.map(({ end }) => end), 0));
