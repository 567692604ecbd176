import { parseInstant } from '@schoolbell/time';
import { formatForReader } from '@schoolbell/time/zones';
import { READERS, type Act, type SeenLesson } from './story.ts';

/** The played negotiation for a terminal: after each act, the timetable as each reader saw it. */
export const describeNegotiation = (acts: readonly Act[]): string =>
  [
    'A negotiation about lessons, played over HTTP in a rehearsal with a clock of its own (its database is gone again).',
    '→ is an offered time, ✗ a time that is lost. Offsets from UTC stand behind each time.',
    ...acts.map(describeAct),
  ].join('\n\n');

function describeAct({ at, what, seen }: Act): string {
  const moment = formatForReader(parseInstant(at), { zone: 'Europe/Berlin', language: 'en' });
  const rows = (seen[0] ?? []).map((lesson, index) =>
    [String(lesson.number), lesson.status, ...seen.map((lessons) => cell(lessons[index] as SeenLesson))]);
  const next = seen[0]?.map(({ next: ahead }) => ahead).find((ahead) => ahead !== null && ahead.kind !== 'complete');
  return [
    `${moment}: ${what}`,
    ...table([['', '', ...READERS.map(({ title }) => title)], ...rows]),
    ...(next === undefined || next === null ? [] : [`  if nobody acts: ${next.kind}, ${next.text}`]),
  ].join('\n');
}

/** `Wed 10 Mar, 08:30, New York (UTC-5)` under the name of the place: `Wed 10 Mar, 08:30 (-5)`. */
export const withoutPlace = (text: string): string => text.replace(/, [^,]*\(UTC([^)]*)\)$/, (_, offset: string) => ` (${offset === '' ? '+0' : offset})`);

function cell({ status, text, offered }: SeenLesson): string {
  if (offered !== null) return `→ ${withoutPlace(offered.text)}`;
  return `${status === 'awaiting' ? '✗' : ' '} ${withoutPlace(text)}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
