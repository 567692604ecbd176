import type { Database, Log } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { join, oneLine, type StyledText } from '../telegram/text.ts';
import type { Origin } from './access.ts';
import type { Line } from './line.ts';
import { noteStranger } from './store.ts';

/** Refusals of one process, so that strangers cannot make the bot talk. */
const REFUSALS_PER_MINUTE = 5;

/** Tells somebody who is not listed so, once in a while. */
export function createRefusals(deps: { db: Database; line: Line; clock: Clock; log: Log }): (origin: Origin) => Promise<void> {
  const { db, line, clock, log } = deps;
  let refusals: number[] = [];
  return async ({ chatId, userId }) => {
    const nowMs = clock.now();
    refusals = refusals.filter((atMs) => nowMs - atMs < 60_000);
    if (refusals.length >= REFUSALS_PER_MINUTE) return;
    refusals.push(nowMs);
    if (!(await noteStranger(db, userId, nowMs))) return;
    log.info({ chat: chatId, user: userId }, 'somebody who is not listed was refused');
    await line.say(chatId, refusal(chatId, userId));
  };
}

/** What an admin needs to let somebody in; to anybody else it says nothing. */
function refusal(chatId: string, userId: number): StyledText {
  const numbers = { style: 'code', text: oneLine(`user ${userId}, chat ${chatId}`, 80) } as const;
  return join(['This bot takes no orders from you here. An admin can list you in its configuration: ', numbers, '.']);
}
