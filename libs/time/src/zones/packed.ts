/**
 * Reads one line of moment-timezone's packed data: `name|abbreviations|offsets|indices|until differences|population`.
 * Numbers are base 60 (0-9a-zA-X) in minutes, offsets are positive WEST of Greenwich, until differences add up from the
 * epoch. Abbreviations are dropped on purpose: nobody is ever shown one.
 * Source: https://momentjs.com/timezone/docs/#/data-formats/packed-format/
 */

/** The offsets of a zone over all time: `offsets[i]` holds before `changes[i]`, the last one for ever. */
export interface Transitions {
  /** Instants at which the offset changes, ascending, milliseconds since the epoch. */
  readonly changes: Float64Array;
  /** Milliseconds to add to UTC; one more than `changes`. */
  readonly offsets: Int32Array;
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX';
const MINUTE_MS = 60_000;

function base60(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  let value = 0;
  for (const digit of whole) value = value * 60 + digitOf(digit);
  let unit = 1;
  for (const digit of fraction) value += digitOf(digit) * (unit /= 60);
  return sign * value;
}

function digitOf(character: string): number {
  const digit = DIGITS.indexOf(character);
  if (digit < 0) throw new RangeError(`not a base 60 digit: ${character}`);
  return digit;
}

/** Name of the zone of a packed line. */
export const packedName = (line: string): string => line.slice(0, line.indexOf('|'));

/** All offset changes of a packed line. A change of name alone is not a change of time and is left out. */
export function unpack(line: string): Transitions {
  const [, , offsetColumn = '', indexColumn = '', untilColumn = ''] = line.split('|');
  const known = offsetColumn.split(' ').map((west) => Math.round(-base60(west) * MINUTE_MS) + 0);
  const used = [...indexColumn].map((index) => known[digitOf(index)] ?? unknownOffset(line));
  const changes: number[] = [];
  const offsets: number[] = [used[0] ?? unknownOffset(line)];
  let until = 0;
  for (const [position, difference] of (untilColumn === '' ? [] : untilColumn.split(' ')).entries()) {
    until = Math.round(until + base60(difference) * MINUTE_MS);
    const next = used[position + 1];
    if (next === undefined || next === offsets.at(-1)) continue;
    changes.push(until);
    offsets.push(next);
  }
  return { changes: Float64Array.from(changes), offsets: Int32Array.from(offsets) };
}

function unknownOffset(line: string): never {
  throw new RangeError(`packed zone without that offset: ${packedName(line)}`);
}
