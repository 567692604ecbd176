import { MESSAGE_MAX_LENGTH } from './compose.ts';
import { join, lengthOf, oneLine, type Piece, type StyledText } from './text.ts';

/** Telegram takes no more formatting than this. Source: core.telegram.org/bots/api#messageentity. */
const ENTITIES_MAX = 100;
const TAIL_LENGTH = 160;

/**
 * A list that fits into one message, whatever is in it: what does not fit is counted, and the last line says where it
 * can be read.
 */
export function page(head: readonly Piece[], lines: readonly (readonly Piece[])[], { total = lines.length, more }: { total?: number; more: string }): StyledText {
  const pieces: Piece[] = [...head];
  let shown = 0;
  for (const line of lines) {
    const next: Piece[] = ['\n', ...line];
    if (lengthOf(pieces) + lengthOf(next) > MESSAGE_MAX_LENGTH - TAIL_LENGTH || styled([...pieces, ...next]) > ENTITIES_MAX) break;
    pieces.push(...next);
    shown += 1;
  }
  if (total > shown) pieces.push(`\n… and ${total - shown} more: ${more}`);
  return join(pieces);
}

const styled = (pieces: readonly Piece[]): number => pieces.filter((piece) => typeof piece !== 'string').length;

const SENTENCE_MAX_LENGTH = 500;

/** Why something could not be done. Parts of the sentence may be foreign, so it is code: no link, no mention. */
export function sorry(sentence: string, icon = '⚠️'): Piece[] {
  return [`${icon} `, { style: 'code', text: oneLine(sentence, SENTENCE_MAX_LENGTH) }];
}
