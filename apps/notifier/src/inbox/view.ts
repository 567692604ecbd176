import { formatInstant } from '@schoolbell/time';
import { z } from 'zod';
import { MAIL_TOPICS } from '../contacts/topics.ts';
import { MAIL_STATES, NOTICE_KINDS, type Names, type Notice } from '../notices/notice.ts';
import { renderNotice } from '../notices/render.ts';

const instant = z.iso.datetime();

/** A notice as the app shows it. Texts are plain: whoever puts them into a page escapes them. */
export const NoticeView = z.object({
  id: z.string(),
  kind: z.enum(NOTICE_KINDS),
  topic: z.enum(MAIL_TOPICS),
  at: instant.describe('When it happened'),
  createdAt: instant,
  readAt: instant.nullable(),
  language: z.enum(['en', 'ru']),
  subject: z.string(),
  paragraphs: z.array(z.string()),
  lessons: z.array(z.object({
    lessonId: z.string(), old: z.string().nullable(), new: z.string().nullable(),
    otherSide: z.array(z.string()).describe('The same times on the clocks of the other side, where they differ'),
  })),
  ifNobodyActs: z.string().nullable(),
  packageId: z.string(),
  requestId: z.string().nullable(),
  requestVersion: z.int().nullable(),
  offer: z.int().nullable(),
  answerable: z.boolean().describe('The reader may answer this offer now, as far as is known here; scheduling decides'),
  answerBy: instant.nullable(),
  mail: z.enum(MAIL_STATES).nullable().describe('What became of the mail about it. `given-up`: it could not be sent within three days. Null: none was to be sent, or it is more than 30 days ago'),
  link: z.url().nullable().describe('Page of the notifier that shows how it stands and takes the answer. Null: there is none, or no `publicUrl`'),
});
export type NoticeView = z.infer<typeof NoticeView>;

/** `link`: address of the page about it. */
export function noticeView(notice: Notice, names: Names, nowMs: number, link: string | undefined): NoticeView {
  const { data, id, createdAtMs, readAtMs } = notice;
  const { kind, topic, language, subject, paragraphs, lessons, ifNobodyActs, answerable, answerByMs } = renderNotice(notice, names);
  return {
    id, kind, topic, language, subject, paragraphs: [...paragraphs],
    at: data.at, createdAt: formatInstant(createdAtMs), readAt: readAtMs === undefined ? null : formatInstant(readAtMs),
    lessons: lessons.map(({ lessonId, old, new: moved, otherSide }) => ({ lessonId, old: old ?? null, new: moved ?? null, otherSide: [...otherSide] })),
    ifNobodyActs: ifNobodyActs ?? null,
    packageId: data.packageId, requestId: data.requestId ?? null, requestVersion: data.requestVersion ?? null, offer: data.offer ?? null,
    answerable: answerable && answerByMs !== undefined && nowMs < answerByMs,
    answerBy: answerByMs === undefined ? null : formatInstant(answerByMs),
    mail: notice.mail ?? null,
    link: link ?? null,
  };
}
