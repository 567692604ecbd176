/**
 * The one place where text that people gave (names, reasons) is made fit to stand in a sentence of ours, in every
 * channel: it stays on its line, in its direction and within its length, opens no tag and makes no link. Escaping for
 * HTML is still up to whoever writes HTML.
 */
export const NAME_MAX = 60;
export const REASON_MAX = 300;
/** Marks on one letter; more of them climb over the neighbouring lines. */
const MARKS_MAX = 3;

const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
// Direction overrides and isolates, and what is invisible: also tags, with which text can be smuggled. Joiners stay:
// names in several scripts, and many emoji, are written with them.
const INVISIBLE = /[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}\ud800-\udfff]/gu;
const MARKS = new RegExp(`(\\p{M}{${MARKS_MAX}})\\p{M}+`, 'gu');
const JOINERS_AT_ENDS = /^[\s\u200c\u200d]+|[\s\u200c\u200d]+$/gu;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Empty when nothing that can be seen is left. */
export function harmless(text: string, max: number): string {
  const clean = text
    // Nobody needs more than this of it; what follows would only be looked at in vain.
    .slice(0, max * 20)
    .replace(CONTROLS, ' ')
    .replace(INVISIBLE, '')
    .replace(MARKS, '$1')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    // Programs that show text make links of these.
    .replace(/\.(?=[\p{L}\p{N}])/gu, '. ')
    .replaceAll('://', ': ')
    .replace(/\s+/gu, ' ')
    .replace(JOINERS_AT_ENDS, '');
  const cut = shorten(clean, max);
  return RIGHT_TO_LEFT.test(cut) ? `${FIRST_STRONG_ISOLATE}${cut}${POP_ISOLATE}` : cut;
}

/** At a boundary of what a reader takes for one character, so that no emoji or accent is torn. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  let cut = '';
  for (const { segment } of graphemes.segment(text)) {
    if (cut.length + segment.length > max - 1) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}
