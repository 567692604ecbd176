import { isDeepStrictEqual } from 'node:util';
import type { AnswerVerb, MoveStanding } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import { cityOf, formatForReader, toLocal, type ReaderLanguage } from '@schoolbell/time/zones';
import { belowHeading, timesOf } from '../mail/page.ts';
import type { RenderedNotice } from '../notices/notice.ts';
import { knownZone } from '../notices/times.ts';
import { html, type Html } from '../pages/html.ts';
import type { Page } from '../pages/sheet.ts';
import type { Pressed, Sight } from './desk.ts';
import { answerWords, type AnswerWords } from './words.ts';

/** Lessons whose present state is listed; of a longer series the first of them. */
const LISTED_MAX = 20;

/** What came of a button before this page is shown. */
export type Said = Pressed | { readonly kind: 'time-invalid' };

const STATUS: Readonly<Record<Said['kind'], number>> = { done: 200, refused: 409, unreachable: 503, 'form-invalid': 403, 'time-invalid': 422 };

/** The answer page: what was asked, how it stands, and the buttons that answer. */
export function answerPage(sight: Sight, rendered: RenderedNotice, said: Said | undefined, form: string, nowMs: number): Page {
  const words = answerWords[rendered.language];
  const reader: Reader = { language: rendered.language, zone: knownZone(sight.notice.zone), now: nowMs };
  const status = said === undefined ? (sight.standing === undefined ? 503 : 200) : STATUS[said.kind];
  return {
    status,
    language: rendered.language,
    title: words.title,
    body: html`${message(said, words)}${answered(sight, reader, words)}
<section><h1>${rendered.subject}</h1>
${belowHeading(rendered).map((text) => html`<p>${text}</p>`)}
${rendered.lessons.map((lesson) => html`<dl>${timesOf(lesson, words).map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>`)}${lesson.otherSide.map((text) => html`<dd class="soft">${text}</dd>`)}</dl>`)}
${rendered.ifNobodyActs === undefined || sight.offered.verbs.length === 0 ? undefined : html`<p class="rule">${rendered.ifNobodyActs}</p>`}
${buttons(sight, form, reader, words)}</section>
${standing(sight, rendered, reader, words)}`,
    ...(status === 503 ? { headers: { 'retry-after': '60' } } : {}),
  };
}

interface Reader {
  readonly language: ReaderLanguage;
  readonly zone: string;
  readonly now: number;
}
const said = (text: string): Html => html`<section class="said" role="status"><p>${text}</p></section>`;

function message(what: Said | undefined, words: AnswerWords): Html | undefined {
  switch (what?.kind) {
    case undefined:
    case 'done':
      return undefined;
    case 'refused':
      return said(words.refused(what.code, what.detail));
    case 'unreachable':
      return said(words.unreachableAnswer);
    case 'form-invalid':
      return said(words.formInvalid);
    case 'time-invalid':
      return said(words.timeInvalid);
  }
}

const answered = ({ answered: given }: Sight, reader: Reader, words: AnswerWords): Html | undefined =>
  given && said(words.answered[given.verb](formatForReader(given.atMs, reader)));

const ORDER: readonly AnswerVerb[] = ['approve', 'restore', 'decline'];

function buttons({ offered: { verbs }, standing: current }: Sight, form: string, reader: Reader, words: AnswerWords): Html | undefined {
  if (verbs.length === 0) return undefined;
  const hidden = html`<input type="hidden" name="form" value="${form}">`;
  const simple = ORDER.filter((verb) => verbs.includes(verb));
  const timed = verbs.find((verb) => verb === 'counter' || verb === 'propose');
  // No address stands in the form: it is posted to where it was opened.
  return html`<p class="soft">${words.oneClick}</p>
<form method="post">${hidden}${simple.map((verb, index) => html`<button name="verb" value="${verb}" class="${index === 0 ? 'first' : 'second'}">${words.verbs[verb]}</button>`)}</form>
${timed === undefined ? undefined : html`<form method="post">${hidden}<fieldset><legend>${words.otherTime}</legend>
<p class="soft">${words.yourZone(cityOf(reader.zone, reader.language) ?? reader.zone)}</p>
${timeFields(current, reader, words)}<br><button name="verb" value="${timed}" class="second">${words.verbs[timed]}</button></fieldset></form>`}`;
}

/** Filled with the time that is talked about, so that only what differs has to be changed. */
function timeFields(current: MoveStanding | null | undefined, { zone }: Reader, words: AnswerWords): Html {
  const [first] = current?.lessons ?? [];
  const local = first && toLocal(parseInstant(first.offeredStart ?? first.start), zone);
  return html`<label>${words.date}<input type="date" name="date" required value="${local?.date ?? ''}"></label><label>${words.clock}<input type="time" name="time" required value="${local?.time ?? ''}"></label>`;
}

/** Left out while it would only repeat what can be answered above. */
function standing({ standing: current, offered, answered: given }: Sight, rendered: RenderedNotice, reader: Reader, words: AnswerWords): Html | undefined {
  const line = standingLine(current, offered, given !== undefined, words);
  const rows = (current?.lessons ?? []).slice(0, LISTED_MAX).map((lesson) => standingTimes(lesson, reader, words));
  const asked = rendered.lessons.map((lesson) => timesOf(lesson, words));
  if (line === undefined && offered.verbs.length > 0 && isDeepStrictEqual(rows, asked.slice(0, LISTED_MAX))) return undefined;
  return html`<section><h2>${words.nowHeading}</h2>${line === undefined ? undefined : html`<p>${line}</p>`}
${rows.map((times) => html`<dl>${times.map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`)}
${current === undefined ? html`<p><a href="">${words.tryAgain}</a></p>` : undefined}</section>`;
}

function standingLine(current: Sight['standing'], offered: Sight['offered'], answeredHere: boolean, words: AnswerWords): string | undefined {
  if (current === undefined) return words.unreachable;
  if (current === null) return words.notYours;
  if (current.status === 'closed') return words.closed(current.outcome);
  if (answeredHere) return undefined;
  if (offered.stale === 'superseded') return words.superseded;
  if (offered.stale === 'moved-on') return words.movedOn;
  return offered.verbs.length === 0 ? words.waitsForOthers : undefined;
}

function standingTimes({ lessonId, status, start, offeredStart }: MoveStanding['lessons'][number], reader: Reader, words: AnswerWords): [string, string][] {
  const shown = (instant: string): string => formatForReader(parseInstant(instant), reader);
  // What awaits a time has none: it is the old one.
  if (status === 'awaiting' && offeredStart === undefined) return [[words.old, shown(start)]];
  return timesOf({ lessonId, old: shown(start), ...(offeredStart === undefined ? {} : { new: shown(offeredStart) }), otherSide: [] }, words);
}
