import { cityOf } from '@schoolbell/time/zones';
import { parseInstant } from '@schoolbell/time';
import { harmless, REASON_MAX } from './harmless.ts';
import type { NoticeKind } from './notice.ts';
import type { Telling } from './render.ts';

/** What is said after the headline: how it came, where the lessons are now, who must answer, what can be done. */
export const paragraphsOf = (telling: Telling): string[] => [
  ...(telling.notice.data.reminderIncluded === true ? [telling.words.reminderIncluded] : []),
  ...because(telling),
  ...whereLessonsAre(telling),
  ...(telling.notice.data.leftOut.length === 0 ? [] : [telling.words.leftOut(telling.notice.data.leftOut.length)]),
  ...whoAnswers(telling),
  ...whatCanBeDone(telling),
];

/** Kinds whose reason is a text that a person gave. */
const WITH_REASON: readonly NoticeKind[] = ['declined', 'withdrawn', 'cancelled'];
const ENDED: readonly NoticeKind[] = ['declined', 'withdrawn', 'closed'];
const ZONE_RULES: readonly NoticeKind[] = ['zone-rules-asked', 'zone-rules-moved-offer', 'zone-rules-moved'];

function because({ notice: { data, role }, kind, words, times, naming }: Telling): string[] {
  const { reason } = data;
  const known = reason === undefined ? undefined : words.closedBecause[reason];
  if (kind === 'closed' && known !== undefined) return [known];
  if (kind === 'missed') return data.absent === undefined ? [] : [words.absent(naming.list(data.absent.map(({ id }) => id)), naming.who(data.by.id).name)];
  if (kind === 'uncovered') return [words.uncovered];
  if (kind === 'too-small') return [words.tooSmall(role)];
  if (ZONE_RULES.includes(kind)) {
    const city = cityOf(data.packageZone, times.language);
    return city === undefined ? [] : [words.wallClockStays(city)];
  }
  if (reason === undefined || !(WITH_REASON.includes(kind) || kind === 'closed')) return [];
  const text = harmless(reason, REASON_MAX);
  return text === '' ? [] : [words.reason(text)];
}

function whereLessonsAre({ notice: { data }, kind, words }: Telling): string[] {
  if (!ENDED.includes(kind)) return [];
  const count = (status: string, reason?: string): number =>
    data.lessons.filter((lesson) => lesson.status === status && (reason === undefined || lesson.reason === reason)).length;
  return words.endings({
    back: count('scheduled'), pastStart: count('awaiting', 'too-late-to-return'), slotTaken: count('awaiting', 'original-slot-held'),
  });
}

function whoAnswers({ notice: { data, readerId, overtaken }, kind, words, naming }: Telling): string[] {
  const { waitingFor, lessons } = data;
  if (waitingFor.length === 0 || overtaken) return [];
  if (kind === 'expired' || kind === 'detached') return [words.notAnswered(naming.list(waitingFor))];
  if (!lessons.some(({ status }) => status === 'offered')) return [];
  return [waitingFor.includes(readerId) ? words.yourAnswer : words.waitingFor(naming.list(waitingFor))];
}

function whatCanBeDone({ notice: { data, role, createdAtMs, overtaken }, words, times }: Telling): string[] {
  const awaiting = data.lessons.filter(({ status }) => status === 'awaiting');
  if (awaiting.length === 0 || role === 'manager' || overtaken) return [];
  const [only] = awaiting;
  const until = awaiting.length === 1 ? only?.restorableUntil : undefined;
  return [words.anySideProposes, ...(until !== undefined && parseInstant(until) > createdAtMs ? [words.restorable(times.show(until))] : [])];
}
