import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { html, type Html } from './html.ts';

/** The shell of the notifier's own pages: no script, no picture, nothing from elsewhere. */

const STYLE = `
  :root { color-scheme: light dark; --ink: #1c1e21; --soft: #5a5f6a; --sheet: #fff; --ground: #f3f4f6; --line: #d9dce3; --act: #1a56c4; --on-act: #fff; --rule: #8a4b00; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e8e8ea; --soft: #b4b8c2; --sheet: #20232a; --ground: #16181d; --line: #3a3f4a; --act: #8ab4ff; --on-act: #10131a; --rule: #ffd48a; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
  main { max-width: 600px; margin: 0 auto; padding: 24px 16px; }
  section { margin: 0 0 16px; padding: 20px; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
  h1 { margin: 0 0 12px; font-size: 22px; line-height: 1.3; } h2 { margin: 0 0 8px; font-size: 17px; }
  p { margin: 0 0 12px; } dl { margin: 0 0 12px; padding-left: 12px; border-left: 3px solid var(--act); }
  dt { font-size: 13px; color: var(--soft); } dd { margin: 0 0 8px; font-weight: 600; } dd.soft { font-weight: 400; }
  .soft { color: var(--soft); font-size: 14px; } .rule { color: var(--rule); font-weight: 600; }
  .said { border-left: 4px solid var(--act); }
  form { margin: 0; } fieldset { margin: 16px 0 0; padding: 12px 16px 16px; border: 1px solid var(--line); border-radius: 6px; } legend { font-weight: 600; padding: 0 4px; }
  label { display: inline-block; margin: 0 16px 12px 0; } input { display: block; padding: 8px; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: 4px; }
  button { margin: 8px 12px 0 0; padding: 12px 20px; font: inherit; font-weight: 600; border: 2px solid var(--act); border-radius: 6px; background: var(--act); color: var(--on-act); cursor: pointer; }
  button.second { background: transparent; color: var(--act); }
  a { color: var(--act); } :focus-visible { outline: 3px solid var(--rule); outline-offset: 2px; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing but this page and its one style sheet; no frame may show it, no search engine keep it, no address leave it. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex, nofollow, noarchive',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
} as const;

export interface Page {
  readonly status: number;
  readonly language: 'en' | 'ru';
  readonly title: string;
  readonly body: Html;
  readonly headers?: Readonly<Record<string, string>>;
}

export function sendPage(reply: FastifyReply, { status, language, title, body, headers = {} }: Page): FastifyReply {
  const text = html`<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body><main>${body}</main></body>
</html>
`.html;
  return reply.code(status).headers({ ...HEADERS, ...headers }).send(text);
}

/** The same said in every language, for whoever is not known. */
export const plainPage = (status: number, lines: readonly string[], headers?: Readonly<Record<string, string>>): Page => ({
  status, language: 'en', title: 'Schoolbell', body: html`<section>${lines.map((line) => html`<p>${line}</p>`)}</section>`, ...(headers && { headers }),
});
