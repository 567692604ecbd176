import type { SchedulingData, SchedulingTransition } from '@schoolbell/contracts';
import type { MailTopic } from '../contacts/topics.ts';

/** What people are told about lessons. Kept as facts and put into words only when somebody reads or is written to. */

/** One event told to one participant. */
export interface Notice {
  /** Digits, in the order of telling: cursor of the inbox and id of its live stream. */
  readonly id: string;
  readonly eventId: string;
  readonly transition: SchedulingTransition;
  readonly readerId: string;
  readonly role: ReaderRole;
  /** The reader's zone and locale at the time of telling. */
  readonly zone: string;
  readonly locale: string;
  readonly data: SchedulingData;
  readonly createdAtMs: number;
  readonly readAtMs?: number;
  /** A later event of the same move request is known: its offer cannot be answered as it stands here. */
  readonly overtaken: boolean;
  /** What became of the mail about it; absent: there was to be none, or it is long ago. */
  readonly mail?: MailState;
}

export const MAIL_STATES = ['waiting', 'sent', 'refused', 'bounced', 'given-up'] as const;
export type MailState = (typeof MAIL_STATES)[number];
export type ReaderRole = 'teacher' | 'student' | 'partner' | 'manager';

/** What a notice is about, for whoever shows or sends it. */
export const NOTICE_KINDS = [
  'asked', 'proposed', 'countered', 'agreed', 'approved', 'declined', 'withdrawn', 'expired', 'closed', 'reminded', 'unfinished',
  'detached', 'restored', 'followed-up', 'limit-neared', 'lapsed', 'manager-asked', 'time-set', 'limit-extended',
  'zone-rules-asked', 'zone-rules-moved-offer', 'zone-rules-moved', 'zone-rules-kept',
  'uncovered', 'missed', 'cancelled', 'sold', 'seat-joined', 'seat-left', 'too-small', 'size-accepted', 'teacher-replaced', 'part-done',
  'package-completed', 'package-cancelled',
  'suspended', 'package-frozen', 'package-resumed',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** The name of a participant as it is in the contacts; undefined without one. */
export type Names = (participantId: string) => string | undefined;

/** A notice in the reader's language and zone. Plain text, one line each, never markup: whoever shows it escapes it. */
export interface RenderedNotice {
  readonly kind: NoticeKind;
  readonly topic: MailTopic;
  readonly language: 'en' | 'ru';
  readonly subject: string;
  /** Who did what and why, in whole sentences. */
  readonly paragraphs: readonly string[];
  readonly lessons: readonly RenderedLesson[];
  /** What happens if nobody acts, and until when; absent when nothing does. */
  readonly ifNobodyActs?: string;
  /** This reader may answer the open offer: until `answerByMs`, exclusive, with the request's id, version and offer of `data`. */
  readonly answerable: boolean;
  readonly answerByMs?: number;
}

export interface RenderedLesson {
  readonly lessonId: string;
  /** Weekday, date, time, city and offset in the reader's zone. */
  readonly old?: string;
  readonly new?: string;
  /** The same times on the clocks of people of the other side whose clocks differ. */
  readonly otherSide: readonly string[];
}
