import { parseInstant } from '@schoolbell/time';
import type { Telling } from './render.ts';

/** What happens if nobody acts, and when: whole sentences; empty when nothing does. */
export function ifNobodyActs({ notice, kind, words, times }: Telling): string {
  const { lessons, requestOrigin } = notice.data;
  const said = words.ifNobody;
  const offered = lessons.flatMap(({ status, answerBy, oldStart }) => (status === 'offered' && answerBy !== undefined ? [{ answerBy, oldStart }] : []));
  const [first] = offered.toSorted((one, other) => parseInstant(one.answerBy) - parseInstant(other.answerBy));
  if (first !== undefined) {
    if (requestOrigin === 'tz-database') return said.staysAsItIs(times.show(first.answerBy));
    if (offered.length > 1) return said.detached(times.show(first.answerBy));
    const loses = parseInstant(first.oldStart) > notice.createdAtMs && parseInstant(first.oldStart) < parseInstant(first.answerBy);
    return [said.declined(times.show(first.answerBy)), ...(loses ? [said.oldTimeLost(times.show(first.oldStart))] : [])].join(' ');
  }
  const limits = lessons.flatMap(({ status, limitAt }) => (status === 'awaiting' && limitAt !== undefined ? [limitAt] : []));
  const [limit] = limits.toSorted((one, other) => parseInstant(one) - parseInstant(other));
  if (limit !== undefined) return said.lapses(times.show(limit));
  const [next] = lessons.flatMap((lesson) => (lesson.status === 'lapsed' && lesson.next !== undefined ? [lesson.next.at] : []));
  const decides = notice.role === 'manager' && (kind === 'lapsed' || kind === 'manager-asked');
  return decides && next !== undefined ? said.remindedAgain(times.show(next)) : '';
}
