import { randomUUID } from 'node:crypto';
import type { Tx } from '@schoolbell/service-kit';
import { isDangerous, targetOf, type Act } from '../acts/act.ts';
import { carryOut, preview } from '../acts/carry-out.ts';
import { closeConfirmation, CONFIRM_WITHIN_MS, insertConfirmation, type Confirmation } from '../acts/confirmation.ts';
import { recordDeed, type Actor } from '../acts/record.ts';
import type { Services } from '../acts/services.ts';
import { confirmationKeyboard } from '../buttons/keyboard.ts';
import type { OutgoingMessage } from '../telegram/keyboard.ts';
import { sorry } from '../telegram/page.ts';
import { join, oneLine } from '../telegram/text.ts';
import { signatureOf, type Operator } from './access.ts';

/**
 * What is left to do of an update when nothing can hang any more: the effects of it in this database, and the answer.
 * It runs in the transaction that notes the update, perhaps more than once.
 */
export type Doing = (tx: Tx, nowMs: number) => Promise<OutgoingMessage | undefined>;

/** An answer and nothing else. */
export const saying = (message: OutgoingMessage): Doing => () => Promise.resolve(message);

/** An effect of which the buttons tell enough. */
export const silently =
  (work: (tx: Tx) => Promise<unknown>): Doing =>
  async (tx) => {
    await work(tx);
    return undefined;
  };

export const actorOf = ({ chatId, user }: Operator): Actor => ({ by: signatureOf(user), telegram: { userId: user.id, chatId } });

/** An act that somebody asks for: dangerous ones become a question, the others are done. */
export async function begin(services: Services, act: Act, operator: Operator): Promise<Doing> {
  const who = actorOf(operator);
  if (!isDangerous(act)) return finish(services, act, who, randomUUID());
  const seen = await preview(services, act, who.by);
  if (!seen.ok) return saying(join(sorry(seen.sentence)));
  if (seen.value.empty) return saying(join(['There is nothing to do.']));
  const id = randomUUID();
  const { chatId, user } = operator;
  const minutes = CONFIRM_WITHIN_MS / 60_000;
  const question = join(['❓ ', ...seen.value.question, '\nOnly ', { style: 'code', text: oneLine(user.name, 64) }, ` can say so, within ${minutes} minutes.`]);
  return async (tx, nowMs) => {
    await insertConfirmation(tx, { id, chatId, userId: user.id, userName: user.name, act }, nowMs);
    return { ...question, keyboard: confirmationKeyboard(id) };
  };
}

/** Does it in the other service; what is left is the record and the answer. A failure is recorded too: it may have happened. */
export async function finish(services: Services, act: Act, who: Actor, key: string, confirmed?: (tx: Tx) => Promise<boolean>): Promise<Doing & { readonly done?: boolean }> {
  const result = await carryOut(services, act, { by: who.by, key });
  const message = join(result.ok ? ['✅ ', ...result.value] : sorry(result.sentence));
  const detail = result.ok ? 'done' : `failed: ${result.sentence}`;
  const doing: Doing = async (tx, nowMs) => {
    // Two presses of one button: whoever closes the question records and tells it.
    if (result.ok && confirmed !== undefined && !(await confirmed(tx))) return undefined;
    await recordDeed(tx, who, { kind: act.kind, target: targetOf(act), detail }, nowMs);
    return message;
  };
  return Object.assign(doing, { done: result.ok });
}

/** The act was begun in time and nobody knows what became of it; too late to ask for it again. */
export function doubt({ id, act }: Pick<Confirmation, 'id' | 'act'>, who: Actor): Doing {
  return async (tx, nowMs) => {
    if (!(await closeConfirmation(tx, id, 'confirmed'))) return undefined;
    await recordDeed(tx, who, { kind: act.kind, target: targetOf(act), detail: 'unknown: interrupted while it was done' }, nowMs);
    return join(['⚠️ I was interrupted while I did this, and it may have happened: ', { style: 'code', text: oneLine(`${act.kind} ${targetOf(act)}`, 200) }, '. Look before you ask for it again.']);
  };
}
