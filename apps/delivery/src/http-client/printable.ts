// Control characters say nothing in a log, and Postgres has no NUL in text.
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Text from elsewhere as it can be stored and shown: without control characters, well-formed, at most so long. */
export function printable(text: string, maxLength: number): string {
  return text.replaceAll(CONTROLS, ' ').slice(0, maxLength).toWellFormed().trimEnd();
}
