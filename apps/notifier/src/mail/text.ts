import { belowHeading, timesOf, type MailPage } from './page.ts';
import type { MailWords } from './words.ts';

/** The same mail as plain text. */
export function mailText({ greeting, sections, earlier, footer }: MailPage, words: MailWords): string {
  const parts = [
    greeting,
    ...sections.flatMap(({ rendered, link }) => [
      [rendered.subject, ...belowHeading(rendered)].join('\n\n'),
      ...rendered.lessons.map((lesson) =>
        [...timesOf(lesson, words).map(([label, text]) => `${label}: ${text}`), ...lesson.otherSide].map((line) => `  ${line}`).join('\n')),
      ...(rendered.ifNobodyActs === undefined ? [] : [rendered.ifNobodyActs]),
      ...(link === undefined ? [] : [`${link.label}:\n${link.url}`]),
      '-- ',
    ]),
    ...(earlier.length === 0 ? [] : [[`${words.earlier}:`, ...earlier.map((line) => `- ${line}`)].join('\n')]),
    ...footer.map((line) => (typeof line === 'string' ? line : `${line.label}:\n${line.url}`)),
  ];
  return `${parts.map((part) => (part === '-- ' ? '———' : part)).join('\n\n')}\n`;
}
