import type { SendMailOptions } from 'nodemailer';
import type { CalendarPart, Letter, Sender } from './letter.ts';

/** A letter as nodemailer takes it: text, HTML and calendar as alternatives of the same. */
export function toMail(letter: Letter, { address, name, replyTo }: Sender): SendMailOptions {
  const { messageId, dateMs, to, subject, text, html, calendars, unsubscribeUrl } = letter;
  const [only] = calendars;
  return {
    messageId,
    date: new Date(dateMs),
    from: { address, name },
    ...(replyTo === undefined ? {} : { replyTo }),
    to: { address: to.address, name: oneLine(to.name) },
    subject: oneLine(subject),
    text,
    html,
    // Clients understand one lesson as an alternative of the text; several are files, each with its own lesson.
    ...(calendars.length === 1 && only !== undefined ? { alternatives: [alternative(only)] } : {}),
    ...(calendars.length > 1 ? { attachments: calendars.map(attachment) } : {}),
    headers: {
      // Nobody's absence note answers this (RFC 3834).
      'auto-submitted': 'auto-generated',
      ...(unsubscribeUrl === undefined ? {} : { 'list-unsubscribe': `<${unsubscribeUrl}>`, 'list-unsubscribe-post': 'List-Unsubscribe=One-Click' }),
    },
    // Names and texts are data: none of it is a path or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const contentType = (method: string): string => `text/calendar; charset=utf-8; method=${method}`;
const alternative = ({ method, content }: CalendarPart) => ({ contentType: contentType(method), content });
const attachment = ({ method, content }: CalendarPart, index: number) => ({ filename: `lesson-${index + 1}.ics`, contentType: contentType(method), content });

/** A header is one line; a line break in a name would begin another header. */
// eslint-disable-next-line no-control-regex
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
