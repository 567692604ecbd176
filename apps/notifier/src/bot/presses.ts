import type { Database } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { beginConfirmation, closeConfirmation, findConfirmation, judge } from '../acts/confirmation.ts';
import type { Services } from '../acts/services.ts';
import type { Press, Verb } from '../buttons/data.ts';
import { messageKeyboard, problemKeyboard } from '../buttons/keyboard.ts';
import { showProblem } from '../buttons/show.ts';
import { findPressable, firingOfMessage, type Pressable } from '../buttons/store.ts';
import { actOf } from '../buttons/table.ts';
import { MUTE_MINUTES } from '../commands/table.ts';
import type { Attendant } from '../problems/attendant.ts';
import { EVENT_KINDS } from '../problems/policy.ts';
import type { Keyboard } from '../telegram/keyboard.ts';
import type { Operator } from './access.ts';
import { actorOf, begin, doubt, finish, silently, type Doing } from './doing.ts';

/** Problems that one press on a gathered message takes. */
const GATHERED_MAX = 1_000;

export interface Pressed {
  /** Over the button, for whoever pressed it. */
  readonly toast: string;
  readonly doing?: Doing;
  /** Buttons that the message has afterwards. Asked after the transaction; absent: they stay. */
  readonly keyboard?: () => Promise<Keyboard>;
}

export interface PressDeps {
  readonly db: Database;
  readonly services: Services;
  readonly attendant: Attendant;
  readonly clock: Clock;
}

const NO_BUTTONS = (): Promise<Keyboard> => Promise.resolve([]);

/** What a press means now: the message may be old, and the button forged. */
export async function understand(deps: PressDeps, press: Press, operator: Operator, updateId: number): Promise<Pressed> {
  switch (press.on) {
    case 'confirmation':
      return confirm(deps, press, operator, updateId);
    case 'message':
      return onMessage(deps, press, operator);
    case 'problem': {
      const problem = await findPressable(deps.db, press.problemId);
      if (problem === undefined) return { toast: 'This problem is no longer known.', keyboard: NO_BUTTONS };
      if (problem.firstAtMs !== press.episode) return { toast: 'That was an earlier time; it is over. /status shows what is open.', keyboard: NO_BUTTONS };
      if (problem.state === 'resolved' && !staysOpen(press.verb, problem)) return { toast: 'It is over already.', keyboard: NO_BUTTONS };
      return onProblem(deps, press.verb, problem, operator);
    }
  }
}

/** An event without an end counts as over by its age alone: what it left behind may still be replayed. */
const staysOpen = (verb: Verb, { kind }: Pressable): boolean => verb === 'show' || (verb === 'replay' && EVENT_KINDS.includes(kind));

async function onProblem(deps: PressDeps, verb: Verb, problem: Pressable, operator: Operator): Promise<Pressed> {
  const { db, services, attendant, clock } = deps;
  const who = actorOf(operator);
  const { id, firstAtMs } = problem;
  const keyboard = async (): Promise<Keyboard> => {
    const now = await findPressable(db, id);
    return now === undefined || now.firstAtMs !== firstAtMs ? [] : problemKeyboard(now, clock.now());
  };
  switch (verb) {
    case 'acknowledge':
      if (problem.acknowledgedBy !== null) return { toast: `${problem.acknowledgedBy} has it in hand.`, keyboard };
      return { toast: 'You have it in hand: it goes to nobody else.', keyboard, doing: silently((tx) => attendant.acknowledge(tx, id, who, firstAtMs)) };
    case 'mute':
      return { toast: `Muted for ${MUTE_MINUTES} minutes; its end is told.`, keyboard, doing: silently((tx) => attendant.mute(tx, id, who, MUTE_MINUTES, firstAtMs)) };
    case 'show': {
      const shown = await showProblem(services, problem);
      return { toast: '', doing: () => Promise.resolve(shown) };
    }
    case 'replay':
    case 'pause':
    case 'resume': {
      const act = actOf(problem, verb);
      if (act === undefined) return { toast: 'The alert does not say what to do it to.' };
      return { toast: '', doing: await begin(services, act, operator) };
    }
  }
}

async function onMessage(deps: PressDeps, { verb, messageId }: Extract<Press, { on: 'message' }>, operator: Operator): Promise<Pressed> {
  const { db, attendant, clock } = deps;
  const who = actorOf(operator);
  const problems = await firingOfMessage(db, messageId, GATHERED_MAX);
  if (problems.length === 0) return { toast: 'All of it is over, or no longer known.', keyboard: NO_BUTTONS };
  const keyboard = async (): Promise<Keyboard> => messageKeyboard(messageId, await firingOfMessage(db, messageId, GATHERED_MAX), clock.now());
  const doing: Doing = async (tx) => {
    for (const { id, firstAtMs } of problems) {
      if (verb === 'acknowledge') await attendant.acknowledge(tx, id, who, firstAtMs);
      else await attendant.mute(tx, id, who, MUTE_MINUTES, firstAtMs);
    }
    return undefined;
  };
  return { toast: verb === 'acknowledge' ? `You have ${problems.length} problems in hand.` : `${problems.length} problems are muted for ${MUTE_MINUTES} minutes.`, keyboard, doing };
}

async function confirm({ db, services, clock }: PressDeps, { yes, id }: Extract<Press, { on: 'confirmation' }>, operator: Operator, updateId: number): Promise<Pressed> {
  const confirmation = await findConfirmation(db, id);
  if (confirmation === undefined) return { toast: 'This question is no longer known: ask again.', keyboard: NO_BUTTONS };
  switch (judge(confirmation, { userId: operator.user.id, updateId }, clock.now())) {
    case 'not-yours':
      return { toast: `Only ${confirmation.userName} can answer this.` };
    case 'closed':
      return { toast: 'This was answered already.', keyboard: NO_BUTTONS };
    case 'expired':
      return { toast: 'Too late: ask again.', keyboard: NO_BUTTONS };
    case 'interrupted':
      return { toast: 'It may have happened already.', keyboard: NO_BUTTONS, doing: doubt(confirmation, actorOf(operator)) };
    case 'go':
      break;
  }
  if (!yes) {
    return { toast: 'Nothing was done.', keyboard: NO_BUTTONS, doing: silently((tx) => closeConfirmation(tx, id, 'cancelled')) };
  }
  await beginConfirmation(db, id, updateId);
  const doing = await finish(services, confirmation.act, actorOf(operator), id, (tx) => closeConfirmation(tx, id, 'confirmed'));
  // What failed may be tried again with the same button: under its key it is done once.
  return doing.done === true ? { toast: 'Done.', keyboard: NO_BUTTONS, doing } : { toast: 'That did not work; you may try again.', doing };
}
