/** Formatting of a part of a message. `code` and `pre` also keep Telegram from making links and mentions of it. */
export type TextStyle = 'bold' | 'code' | 'pre';

/** Offset and length in UTF-16 code units. Source: core.telegram.org/bots/api#messageentity. */
export interface TextEntity {
  readonly type: TextStyle;
  readonly offset: number;
  readonly length: number;
}

/** Plain text with formatting beside it: there is no markup in which a hostile text could hide. */
export interface StyledText {
  readonly text: string;
  readonly entities: readonly TextEntity[];
}

export type Piece = string | { readonly style: TextStyle; readonly text: string };

export function join(pieces: readonly Piece[]): StyledText {
  let text = '';
  const entities: TextEntity[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else if (piece.text.length > 0) {
      entities.push({ type: piece.style, offset: text.length, length: piece.text.length });
      text += piece.text;
    }
  }
  return { text, entities };
}

export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece : piece.text).length, 0);
}

// Controls, marks that turn the direction of writing or cannot be seen, private use, line and paragraph separators.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** Accents piled on one letter run over the lines above and below. */
const PILED_MARKS = /(\p{M}{2})\p{M}+/gu;

/** A foreign text on one line: nothing in it is invisible, turns the line around or breaks it. */
export function oneLine(text: string, maxLength: number): string {
  return cut(clean(text).replace(/\s+/g, ' ').trim(), maxLength);
}

/** A foreign text on several lines. */
export function block(text: string, maxLength: number): string {
  const lines = text.toWellFormed().split(/\r\n|[\n\r\u2028\u2029]/);
  return cut(lines.map((line) => clean(line).trimEnd()).join('\n').replace(/\n{3,}/g, '\n\n').trim(), maxLength);
}

function clean(text: string): string {
  return text.toWellFormed().replace(INVISIBLE, ' ').replace(PILED_MARKS, '$1');
}

/** At most so many UTF-16 code units, never through the middle of a character; a cut is shown. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 2);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, maxLength - (splitsPair ? 2 : 1))}…`;
}
