import type { Database, Log } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { decodePress } from '../buttons/data.ts';
import { showHelp, showUsage } from '../commands/help.ts';
import { COMMANDS, type Wish } from '../commands/table.ts';
import type { Chat, User } from '../config.ts';
import { ensureChats } from '../telegram/chat-store.ts';
import { queueMessage } from '../telegram/message-store.ts';
import { join } from '../telegram/text.ts';
import { admit, chatsOf, type Operator, type Origin } from './access.ts';
import { saying, type Doing } from './doing.ts';
import type { Line } from './line.ts';
import type { BotMetrics } from './metrics.ts';
import { understand, type PressDeps } from './presses.ts';
import { createRefusals } from './refusals.ts';
import { claimUpdate, homeOf, isHandled } from './store.ts';
import { whereWritten } from './where-written.ts';
import { grant, look, needsDatabase, type WishDeps } from './wishes.ts';

const NOWHERE = 'Telegram no longer says where this button stands: /status shows what is open.';
const AWAY = 'Postgres does not answer: nothing can be done from here until it is back. Alerts still come. Then give the command again.';

/** An update as far as it matters. */
export interface Update extends Origin {
  readonly updateId: number;
  /** Message that the command is, or under which the button stands. */
  readonly messageId: number | undefined;
}

/** A press, whose message Telegram may no longer keep: then it does not say where it was. */
export type PressUpdate = Omit<Update, 'chatId'> & { readonly chatId: string | undefined };

/** What operators do in a chat becomes effects and answers, each update once. Rejects when it should come again. */
export interface UpdateHandler {
  command(update: Update, name: string, args: string): Promise<void>;
  press(update: PressUpdate, press: { id: string; data: string }): Promise<void>;
}

export function createUpdateHandler(
  deps: WishDeps &
    PressDeps & {
      db: Database;
      admission: () => { chats: readonly Chat[]; users: readonly User[] };
      line: Line;
      /** Undefined while the database answers. */
      troubled: () => boolean;
      /** Something waits in the queue. */
      queued: () => void;
      clock: Clock;
      log: Log;
      metrics: BotMetrics;
    },
): UpdateHandler {
  const { db, line, clock, log, metrics } = deps;
  const tellStranger = createRefusals({ db, line, clock, log });

  async function operatorOf({ chatId, userId }: Origin): Promise<Operator | undefined> {
    const admission = deps.admission();
    const listed = admit({ chatId, userId }, admission);
    // Telegram gives a group that grows another id. Only who is listed is worth a look at the database.
    if (listed !== undefined || deps.troubled() || !admission.users.some(({ id }) => id === userId)) return listed;
    return admit({ chatId, userId }, admission, await homeOf(db, chatId));
  }

  /** The update, its effects and its answer are one transaction: whoever comes second does nothing. */
  async function settle({ updateId, messageId }: Update, { chatId }: Operator, doing: Doing, answers: boolean): Promise<void> {
    const first = await db.transaction(async (tx) => {
      const nowMs = clock.now();
      if (!(await claimUpdate(tx, updateId, nowMs))) return false;
      const message = await doing(tx, nowMs);
      if (message === undefined) return true;
      await ensureChats(tx, [chatId]);
      await queueMessage(tx, chatId, { ...message, ...(answers && messageId !== undefined && { replyTo: messageId }) }, nowMs);
      return true;
    });
    metrics.update(first ? 'handled' : 'repeated');
    if (first) deps.queued();
  }

  async function refuse(update: Update): Promise<void> {
    metrics.update('refused');
    if (!deps.troubled()) await tellStranger(update);
  }

  /** Nothing of what can be said now is an effect: it is told at once, and after a crash perhaps twice. */
  async function withoutDatabase({ chatId }: Update, wish: Wish | undefined): Promise<void> {
    metrics.update('without-database');
    const openProblems = () => Promise.resolve(undefined);
    const shown = wish === undefined || needsDatabase(wish) ? undefined : await look({ services: deps.services, openProblems }, wish);
    await line.say(chatId, shown ?? join([`⚠️ ${AWAY}`]));
  }

  /** Where the button stands, by Telegram or by what this bot wrote. */
  async function located({ chatId, ...update }: PressUpdate, data: string): Promise<Update | undefined> {
    if (chatId !== undefined) return { ...update, chatId };
    const press = decodePress(data);
    if (press === undefined || deps.troubled()) return undefined;
    const written = await whereWritten(db, press, update.userId, chatsOf(update.userId, deps.admission().chats));
    return written === undefined ? undefined : { ...update, chatId: written };
  }

  async function pressed(update: Update, operator: Operator, data: string): Promise<string> {
    if (deps.troubled()) return AWAY;
    if (await isHandled(db, update.updateId)) return 'Done.';
    const press = decodePress(data);
    if (press === undefined) return 'This button is of another version: /status shows what is open.';
    const { toast, doing, keyboard } = await understand(deps, press, operator, update.updateId);
    await settle(update, operator, doing ?? (() => Promise.resolve(undefined)), true);
    if (keyboard !== undefined && update.messageId !== undefined) await line.editKeyboard(update.chatId, update.messageId, await keyboard());
    return toast;
  }

  return {
    async command(update, name, args) {
      const operator = await operatorOf(update);
      if (operator === undefined) return refuse(update);
      const command = COMMANDS.find((one) => one.name === name);
      const wish = command?.parse(args);
      if (deps.troubled()) return withoutDatabase(update, wish);
      if (await isHandled(db, update.updateId)) return metrics.update('repeated');
      const doing = wish !== undefined ? await grant(deps, wish, operator) : saying(command === undefined ? showHelp() : showUsage(command));
      await settle(update, operator, doing, true);
    },
    async press(where, { id, data }) {
      let toast = 'Something went wrong, it is tried again.';
      try {
        const update = await located(where, data);
        if (update === undefined) {
          toast = deps.troubled() ? AWAY : NOWHERE;
          return metrics.update('refused');
        }
        const operator = await operatorOf(update);
        if (operator === undefined) {
          toast = 'You are not listed here.';
          return await refuse(update);
        }
        toast = await pressed(update, operator, data);
      } finally {
        await line.answerPress(id, toast);
      }
    },
  };
}
