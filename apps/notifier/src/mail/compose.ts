import { calendarParts } from '../calendar/parts.ts';
import type { OptionalTopic } from '../contacts/topics.ts';
import type { Links } from '../links/links.ts';
import type { Notice, RenderedNotice } from '../notices/notice.ts';
import { arrange, type MailNotice } from './arrange.ts';
import type { Letter, Sender } from './letter.ts';
import { mailPage, type MailPage, type SectionLink } from './page.ts';
import { mailText } from './text.ts';
import { mailWords, type MailWords } from './words.ts';

export interface Composing {
  readonly messageId: string;
  /** When the mail was begun; what it says is as of then. */
  readonly atMs: number;
  readonly to: { readonly address: string; readonly name: string };
  /** In the reader's language; at least one. */
  readonly notices: readonly MailNotice[];
  readonly sender: Sender;
  readonly links: Links;
}

/** Everything that waits for one reader, as one mail. Pure: the same again at a second attempt. */
export function compose({ messageId, atMs, to, notices, sender, links }: Composing): Letter {
  const { sections, earlier } = arrange(notices);
  const [lead] = sections;
  if (lead === undefined) throw new Error(`the mail ${messageId} has nothing to say`);
  const { language } = lead.rendered;
  const words = mailWords[language];
  const subject = sections.length === 1 ? lead.rendered.subject : words.more(lead.rendered.subject, sections.length - 1);
  const ending = unsubscribing(notices, links);
  const page: MailPage = {
    language,
    subject,
    greeting: words.greeting(to.name),
    sections: sections.map(({ notice, rendered }) => ({ rendered, link: linkOf(notice, rendered, links, words, atMs) })),
    earlier: earlier.map(({ rendered }) => rendered.subject),
    footer: [
      ...(notices.some(({ rendered }) => rendered.topic === 'offers') ? [words.cannotSwitchOff] : []),
      ...(ending === undefined ? [] : [{ label: words.unsubscribe(ending.topics), url: ending.url }]),
    ],
  };
  return {
    messageId,
    dateMs: atMs,
    to,
    subject,
    text: mailText(page, words),
    html: mailPage(page, words),
    calendars: calendarParts(notices.map(({ notice }) => notice), to, sender, { stampedAtMs: atMs, summary: words.calendar }),
    // A mail program's own button ends all that the mail is, so it is not there where that cannot be ended.
    ...(ending !== undefined && ending.whole ? { unsubscribeUrl: ending.url } : {}),
  };
}

/** Where one click answers, chooses, or at least shows how it stands. Managers decide on the platform. */
function linkOf(notice: Notice, rendered: RenderedNotice, links: Links, words: MailWords, nowMs: number): SectionLink | undefined {
  const url = links.answer(notice);
  if (url === undefined) return undefined;
  if (rendered.answerable && (rendered.answerByMs ?? Infinity) > nowMs) return { label: words.answer, url, primary: true };
  const waits = !notice.overtaken && notice.data.lessons.some(({ status }) => status === 'awaiting');
  return waits ? { label: words.ways, url, primary: true } : { label: words.standing, url, primary: false };
}

function unsubscribing(notices: readonly MailNotice[], links: Links): { topics: OptionalTopic[]; url: string; whole: boolean } | undefined {
  const topics = [...new Set(notices.map(({ rendered }) => rendered.topic))];
  const optional = topics.filter((topic) => topic !== 'offers');
  const [first] = notices;
  const url = first === undefined || optional.length === 0 ? undefined : links.unsubscribe(first.notice.readerId, optional);
  return url === undefined ? undefined : { topics: optional, url, whole: optional.length === topics.length };
}
