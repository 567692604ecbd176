import { formatInstant } from '@schoolbell/time';
import type { Answered, Services } from '../acts/services.ts';
import type { OpenProblem } from '../commands/status.ts';
import { page, sorry } from '../telegram/page.ts';
import { oneLine, type Piece, type StyledText } from '../telegram/text.ts';
import type { DueDigest } from './decide.ts';

const PROBLEMS_SHOWN = 10;

/** What was, what is open, what waits. A service that does not answer is named and takes nothing else away. */
export async function composeDigest(services: Services, { day, sinceMs }: DueDigest, problems: { total: number; items: readonly OpenProblem[] }): Promise<StyledText> {
  const since = formatInstant(sinceMs);
  const [received, delivered, awaiting] = await Promise.all([services.received({ since }), services.delivered({ since }), services.awaiting({ limit: 1 })]);
  const line = <Value>(answer: Answered<Value>, text: (value: Value) => string): Piece[] => (answer.ok ? [text(answer.value)] : sorry(answer.sentence));
  const lines: Piece[][] = [
    line(received, ({ accepted, quarantined }) => `📥 received ${accepted} webhooks, ${quarantined} in quarantine`),
    line(delivered, (one) => `📤 delivered ${one.delivered}, ${one.failed} failed tries, ${one.undelivered} undelivered, ${one.parked} parked`),
    line(awaiting, ({ totals }) => `🗓 lessons awaiting a time: ${totals.offered} offered, ${totals.awaiting} awaiting, ${totals.lapsed} lapsed`),
    [problems.total === 0 ? '✅ no open problems' : `🔴 ${problems.total} open problems`],
    ...problems.items.slice(0, PROBLEMS_SHOWN).map(({ id, kind, title }): Piece[] => [`    #${id} ${kind} `, { style: 'code', text: oneLine(title, 120) }]),
    ...(problems.total > PROBLEMS_SHOWN ? [[`    … and ${problems.total - PROBLEMS_SHOWN} more: /status`]] : []),
  ];
  return page([{ style: 'bold', text: `Digest of ${day}` }, `, since ${since.slice(0, 16).replace('T', ' ')} UTC`], lines, { more: '/status' });
}
