import { createPeriodic, type Database, type Log, type Periodic, type Statement } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { TimeOfDay } from '@schoolbell/time/zones';
import type { Services } from '../acts/services.ts';
import type { OpenProblem } from '../commands/status.ts';
import { ensureChats } from '../telegram/chat-store.ts';
import { queueMessage } from '../telegram/message-store.ts';
import { composeDigest } from './compose.ts';
import { dueDigest } from './decide.ts';

const LOOK_EVERY_MS = 15_000;

const told: Statement = { name: 'digest_told', text: 'SELECT 1 FROM digest WHERE day = $1::date' };
const claim: Statement = { name: 'digest_claim', text: 'INSERT INTO digest (day, created_at) VALUES ($1::date, $2::timestamptz) ON CONFLICT DO NOTHING RETURNING 1' };

/** Tells the digest of each day once: its row and its messages are one transaction, whichever replica is first. */
export function createDigest(deps: {
  db: Database;
  services: Services;
  openProblems: () => Promise<{ total: number; items: readonly OpenProblem[] }>;
  plan: () => { readonly at: TimeOfDay; readonly zone: string } | undefined;
  /** Chats that hear of everything. */
  chats: () => readonly string[];
  queued: () => void;
  clock: Clock;
  log: Log;
  everyMs?: number;
}): Periodic {
  const { db, clock } = deps;
  return createPeriodic({
    name: 'digest',
    everyMs: deps.everyMs ?? LOOK_EVERY_MS,
    log: deps.log,
    run: async () => {
      const plan = deps.plan();
      const due = plan && dueDigest(plan, clock.now());
      if (due === undefined || (await db.query(told, [due.day])).length > 0) return;
      const text = await composeDigest(deps.services, due, await deps.openProblems());
      const first = await db.transaction(async (tx) => {
        const nowMs = clock.now();
        if ((await tx.query(claim, [due.day, formatInstant(nowMs)])).length === 0) return false;
        const chats = deps.chats();
        await ensureChats(tx, chats);
        for (const chat of chats) await queueMessage(tx, chat, text, nowMs);
        return true;
      });
      if (first) deps.queued();
    },
  });
}
