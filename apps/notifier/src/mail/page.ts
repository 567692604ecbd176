import type { ReaderLanguage } from '@schoolbell/time/zones';
import type { RenderedLesson, RenderedNotice } from '../notices/notice.ts';
import { href, html, type Html } from '../pages/html.ts';
import type { MailWords } from './words.ts';

/** One link of a section. */
export interface SectionLink {
  readonly label: string;
  readonly url: string;
  /** What the reader is asked to do. */
  readonly primary: boolean;
}
export interface Section {
  readonly rendered: RenderedNotice;
  readonly link: SectionLink | undefined;
}

export interface MailPage {
  readonly language: ReaderLanguage;
  readonly subject: string;
  readonly greeting: string;
  readonly sections: readonly Section[];
  /** Lines about what is overtaken. */
  readonly earlier: readonly string[];
  readonly footer: readonly (string | { readonly label: string; readonly url: string })[];
}

// Clients drop what they do not know: every colour stands inline, and the dark ones where a client takes a style sheet.
const STYLE = `
  @media (prefers-color-scheme: dark) {
    body, .sheet { background: #16181d !important; color: #e8e8ea !important; }
    .card { background: #20232a !important; border-color: #3a3f4a !important; }
    .soft { color: #b4b8c2 !important; }
    .rule { color: #ffd48a !important; }
    a { color: #8ab4ff !important; }
    a.button { background: #8ab4ff !important; color: #10131a !important; }
  }`;
const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** The HTML of a mail: one column, no pictures, no script, readable at any width, in the dark, and by a screen reader. */
export function mailPage({ language, subject, greeting, sections, earlier, footer }: MailPage, words: MailWords): string {
  return html`<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>${{ html: STYLE }}
</style>
</head>
<body style="margin:0;padding:0;background:#f3f4f6;color:#1c1e21">
<div class="sheet" role="article" lang="${language}" dir="ltr" style="max-width:600px;margin:0 auto;padding:24px 16px;${FONT};font-size:16px;line-height:1.5;overflow-wrap:anywhere">
<p style="margin:0 0 16px">${greeting}</p>
${sections.map((section) => sectionHtml(section, words))}
${earlier.length === 0 ? undefined : html`<h2 class="soft" style="font-size:15px;margin:24px 0 4px;color:#5a5f6a">${words.earlier}</h2>
<ul class="soft" style="margin:0;padding-left:20px;font-size:14px;color:#5a5f6a">${earlier.map((line) => html`<li>${line}</li>`)}</ul>`}
${footer.map((line) => html`<p class="soft" style="margin:16px 0 0;font-size:13px;color:#5a5f6a">${typeof line === 'string' ? line : html`<a href="${href(line.url)}" style="color:#1a56c4">${line.label}</a>`}</p>`)}
</div>
</body>
</html>
`.html;
}

const sectionHtml = ({ rendered, link }: Section, words: MailWords): Html => html`<div class="card" style="margin:0 0 16px;padding:20px;background:#ffffff;border:1px solid #d9dce3;border-radius:8px">
<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">${rendered.subject}</h1>
${belowHeading(rendered).map((text) => html`<p style="margin:0 0 12px">${text}</p>`)}
${rendered.lessons.map((lesson) => lessonHtml(lesson, words))}
${rendered.ifNobodyActs === undefined ? undefined : html`<p class="rule" style="margin:12px 0;color:#8a4b00"><strong>${rendered.ifNobodyActs}</strong></p>`}
${link === undefined ? undefined : linkHtml(link)}
</div>
`;

function lessonHtml(lesson: RenderedLesson, words: MailWords): Html {
  const rows = timesOf(lesson, words).map(([label, text]) => html`<dt class="soft" style="font-size:13px;color:#5a5f6a">${label}</dt><dd style="margin:0 0 8px"><strong>${text}</strong></dd>`);
  const others = lesson.otherSide.map((text) => html`<dd class="soft" style="margin:0 0 4px;font-size:14px;color:#5a5f6a">${text}</dd>`);
  return html`<dl style="margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid #1a56c4">${rows}${others}</dl>`;
}

const linkHtml = ({ label, url, primary }: SectionLink): Html =>
  primary
    ? html`<p style="margin:16px 0 4px"><a class="button" href="${href(url)}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1a56c4;color:#ffffff;text-decoration:none;font-weight:600">${label}</a></p>`
    : html`<p style="margin:12px 0 0"><a href="${href(url)}" style="color:#1a56c4">${label}</a></p>`;

/** The subject is the heading, and it begins with the first sentence. */
export const belowHeading = ({ paragraphs }: RenderedNotice): readonly string[] => paragraphs.slice(1);

/** The times of a lesson with their labels; one time alone needs no "old" and "new". */
export function timesOf({ old, new: next }: RenderedLesson, words: Pick<MailWords, 'old' | 'new' | 'time'>): [string, string][] {
  if (old !== undefined && next !== undefined) return [[words.old, old], [words.new, next]];
  const only = next ?? old;
  return only === undefined ? [] : [[words.time, only]];
}
