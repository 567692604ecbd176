/** The lines that a calendar is made of. Source: RFC 5545, sections 3.1 and 3.3.11; RFC 6868 for parameters. */

/** Lines are folded at this many octets, without their end. */
const LINE_OCTETS = 75;

// A line break would begin a property of somebody else's choice; NUL and its like are not allowed at all.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A TEXT value: separators escaped, line breaks kept as `\n`. */
export const textValue = (text: string): string =>
  text.replace(/\r\n?/g, '\n').split('\n').map((line) => line.replace(CONTROL, ' ').replace(/[\\;,]/g, (character) => `\\${character}`)).join('\\n');

/** A quoted parameter value; `"` cannot stand in one and is written `^'`. */
export const parameterValue = (text: string): string => `"${text.replace(CONTROL, ' ').trim().replaceAll('^', '^^').replaceAll('"', "^'")}"`;

/** Folded, so that no line is longer than 75 octets and no character is torn. */
export function foldLine(line: string): string {
  if (Buffer.byteLength(line) <= LINE_OCTETS) return line;
  const parts: string[] = [];
  let part = '';
  for (const character of line) {
    // A continuation begins with a space that counts.
    if (Buffer.byteLength(part + character) > LINE_OCTETS - (parts.length === 0 ? 0 : 1)) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part].join('\r\n ');
}
