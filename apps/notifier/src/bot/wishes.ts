import { begin, actorOf, saying, type Doing } from './doing.ts';
import type { Services } from '../acts/services.ts';
import { showHelp } from '../commands/help.ts';
import { showAwaiting, showDeadLetters, showLearner, showQuarantine, showUndelivered } from '../commands/look.ts';
import { showStatus, type OpenProblem } from '../commands/status.ts';
import type { Wish } from '../commands/table.ts';
import type { Attendant } from '../problems/attendant.ts';
import { join, oneLine, type StyledText } from '../telegram/text.ts';
import type { Operator } from './access.ts';

export interface WishDeps {
  readonly services: Services;
  readonly attendant: Attendant;
  /** Undefined: the database does not answer. */
  readonly openProblems: () => Promise<{ total: number; items: readonly OpenProblem[] } | undefined>;
}

/** What only looks: nothing of it needs a transaction. Undefined: the wish is an act. */
export async function look({ services, openProblems }: Pick<WishDeps, 'services' | 'openProblems'>, wish: Wish): Promise<StyledText | undefined> {
  switch (wish.kind) {
    case 'status':
      return showStatus(services, openProblems);
    case 'help':
      return showHelp();
    case 'undelivered':
      return showUndelivered(services, wish.destination);
    case 'deadletters':
      return showDeadLetters(services, wish);
    case 'quarantine':
      return showQuarantine(services, wish.source);
    case 'awaiting':
      return showAwaiting(services);
    case 'learner':
      return showLearner(services, wish.learner);
    case 'act':
    case 'mute':
      return undefined;
  }
}

/** Everything that a command may ask for. Questions to other services are asked here, before any transaction. */
export async function grant(deps: WishDeps, wish: Wish, operator: Operator): Promise<Doing> {
  if (wish.kind === 'act') return begin(deps.services, wish.act, operator);
  if (wish.kind === 'mute') return muting(deps.attendant, wish, operator);
  const shown = await look(deps, wish);
  return saying(shown ?? showHelp());
}

function muting(attendant: Attendant, { problemId, minutes }: Extract<Wish, { kind: 'mute' }>, operator: Operator): Doing {
  return async (tx) => {
    const attended = await attendant.mute(tx, problemId, actorOf(operator), minutes);
    if (attended.kind !== 'done') return join([`There is no problem #${problemId}. Numbers are in /status.`]);
    const title = { style: 'code', text: oneLine(attended.problem.title, 200) } as const;
    return join([minutes === 0 ? `🔔 #${problemId} is told again: ` : `🔇 Nothing but its end is told of #${problemId} for ${minutes} minutes: `, title]);
  };
}

/** Whether an answer can be given without a database of our own. */
export const needsDatabase = ({ kind }: Wish): boolean => kind !== 'status' && kind !== 'help';
