import { parseInstant } from '@schoolbell/time';
import { readerLanguage } from '@schoolbell/time/zones';
import type { MailTopic } from '../contacts/topics.ts';
import { noticeKind } from './decide.ts';
import { ifNobodyActs } from './outlook.ts';
import { createNaming, type Naming } from './naming.ts';
import type { Names, Notice, NoticeKind, RenderedNotice } from './notice.ts';
import { paragraphsOf } from './paragraphs.ts';
import { createTimes, type Times } from './times.ts';
import { en } from './words/en.ts';
import { ru } from './words/ru.ts';
import type { Clause, Words } from './words/words.ts';

const WORDS: Readonly<Record<'en' | 'ru', Words>> = { en, ru };

/** Everything that a sentence of one notice may need. */
export interface Telling {
  readonly notice: Notice;
  readonly kind: NoticeKind;
  readonly words: Words;
  readonly naming: Naming;
  readonly times: Times;
}

/**
 * A notice in the reader's words, zone and language. Pure: the same notice and names give the same text. Made only when
 * it is read or sent, so that a corrected name or an erased one is at once what everybody sees.
 */
export function renderNotice(notice: Notice, names: Names): RenderedNotice {
  const { data } = notice;
  const kind = noticeKind(notice.transition, data);
  if (kind === undefined) throw new Error(`${notice.transition} is told to nobody`);
  const words = WORDS[readerLanguage(notice.locale)];
  const naming = createNaming(notice, names, words);
  const times = createTimes(notice, naming);
  const telling = { notice, kind, words, naming, times };
  const headline = words.headline[kind](clauseOf(telling));
  const answerByMs = answerBy(notice);
  const outlook = ifNobodyActs(telling);
  return {
    kind,
    topic: TOPICS[kind],
    language: times.language,
    subject: [headline, ...when(telling)].join(' · '),
    paragraphs: [`${headline}.`, ...paragraphsOf(telling)],
    lessons: data.lessons.map((lesson) => times.lesson(lesson)),
    ...(outlook === '' ? {} : { ifNobodyActs: outlook }),
    answerable: answerByMs !== undefined,
    ...(answerByMs === undefined ? {} : { answerByMs }),
  };
}

/** Until when this reader may answer the offer that the notice speaks of; undefined when there is nothing to answer. */
export function answerBy({ data, readerId, overtaken }: Pick<Notice, 'data' | 'readerId' | 'overtaken'>): number | undefined {
  if (overtaken || data.requestId === undefined || data.offer === undefined || !data.waitingFor.includes(readerId)) return undefined;
  const deadlines = data.lessons.flatMap(({ status, answerBy: by }) => (status === 'offered' && by !== undefined ? [parseInstant(by)] : []));
  // Of a series each lesson has its own: as long as one is open there is something to answer.
  return deadlines.length === 0 ? undefined : Math.max(...deadlines);
}

/** Which mails a notice of a kind belongs to. */
export const topicOf = (kind: NoticeKind): MailTopic => TOPICS[kind];

const TOPICS: Readonly<Record<NoticeKind, MailTopic>> = {
  asked: 'offers', proposed: 'offers', countered: 'offers', agreed: 'offers', reminded: 'offers', expired: 'offers', detached: 'offers',
  unfinished: 'offers', 'zone-rules-asked': 'offers', 'zone-rules-moved-offer': 'offers',
  approved: 'outcomes', declined: 'outcomes', withdrawn: 'outcomes', closed: 'outcomes', restored: 'outcomes', 'time-set': 'outcomes',
  cancelled: 'outcomes', missed: 'outcomes',
  'followed-up': 'awaiting', 'limit-neared': 'awaiting', lapsed: 'awaiting', 'manager-asked': 'awaiting', 'limit-extended': 'awaiting',
  uncovered: 'awaiting',
  sold: 'packages', 'seat-joined': 'packages', 'seat-left': 'packages', 'too-small': 'packages', 'size-accepted': 'packages', 'teacher-replaced': 'packages',
  'part-done': 'packages', 'package-completed': 'packages', 'package-cancelled': 'packages',
  suspended: 'awaiting', 'package-frozen': 'packages', 'package-resumed': 'packages',
  'zone-rules-moved': 'zone-rules', 'zone-rules-kept': 'zone-rules',
};

function clauseOf({ notice, kind, naming }: Telling): Clause {
  const { data, role, readerId } = notice;
  return {
    by: naming.subject(data.by.id),
    person: naming.subject(personOf(notice, kind)),
    lessons: data.lessons.length,
    reader: role,
    former: data.former.some(({ id }) => id === readerId),
    byDatabase: data.requestOrigin === 'tz-database',
    part: kind === 'part-done' ? data.reason : undefined,
  };
}

/** Whoever joined or left is named by the event's reason; who takes over is the teacher now. */
function personOf({ data }: Notice, kind: NoticeKind): string {
  if (kind === 'seat-joined' || kind === 'seat-left') return data.reason ?? data.by.id;
  if (kind === 'teacher-replaced') return data.people.find(({ role }) => role === 'teacher')?.id ?? data.by.id;
  return data.by.id;
}

/** Kinds whose lessons are at the new time from now on. */
const AT_NEW_TIME: readonly NoticeKind[] = ['approved', 'time-set', 'zone-rules-moved'];

/** The time that the subject line names: of several lessons the first. */
function when({ notice: { data }, kind, words, times }: Telling): string[] {
  const [first] = data.lessons;
  if (first === undefined) return [];
  const time = times.show(AT_NEW_TIME.includes(kind) ? (first.newStart ?? first.oldStart) : first.oldStart);
  return [data.lessons.length === 1 ? time : words.first(time)];
}
