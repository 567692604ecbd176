import { schedulingAnswer, schedulingStanding } from '@schoolbell/contracts';
import { RequestRefused, serve, type Nats } from '@schoolbell/messaging';
import { Problem, type Log } from '@schoolbell/service-kit';
import { parseInstant } from '@schoolbell/time';
import { passAt, wallAt } from '@schoolbell/time/zones';
import type { z } from 'zod';
import { ok, problem } from '../api/answer.ts';
import type { ApiDeps } from '../api/deps.ts';
import { once } from '../api/idempotency.ts';
import { refused, stale, unknown, unknownThing } from '../api/problems.ts';
import { isPlannable, isTooEarly } from '../api/schemas.ts';
import type { Command, NewTime } from '../moves/commands.ts';
import { refuse, type Refusal } from '../moves/refusals.ts';
import type { Actor } from '../moves/state.ts';
import { performIn } from '../store/perform.ts';
import { findRequest } from './query.ts';
import { standingFor } from './standing.ts';

type Deps = Pick<ApiDeps, 'db' | 'clock' | 'tell'>;
type Asked = z.output<typeof schedulingAnswer.request>;
type Answered = z.input<typeof schedulingAnswer.reply>;

/** Answers of participants that come by the notifier's links. Returns how to stop. */
export function serveAnswers(deps: Deps & { nats: Nats; log: Log }): () => void {
  const stops = [
    serve(deps, schedulingAnswer, (asked) => carryOut(deps, asked)),
    serve(deps, schedulingStanding, async ({ requestId, personId, role }) => {
      const found = await findRequest(deps.db, requestId);
      return (found && standingFor(found, { id: personId, role }, deps.clock.now())) ?? null;
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

/** The same command as from the HTTP API, once for its key: who may do it is decided by the same state machine. */
export async function carryOut(deps: Deps, asked: Asked): Promise<Answered> {
  const { personId: id, role, version, key } = asked;
  const command = await toCommand(deps, asked, { id, role });
  if (command !== undefined && 'code' in command) return { outcome: 'refused', code: command.code, detail: command.detail };
  const post = { subject: { id, role }, key: `link ${key}`, request: JSON.stringify(asked) };
  const { status, body } = await once(deps, post, async (tx) => {
    if (command === undefined) return problem(unknownThing('request'));
    const performed = await performIn(tx, deps, command, version);
    if ('unknown' in performed) return problem(unknown(performed));
    if ('stale' in performed) return problem(stale(performed));
    return performed.refusal === undefined ? ok({}) : problem(refused(performed.refusal));
  }).catch((error: unknown) => {
    if (error instanceof Problem) return problem(error);
    throw error;
  });
  if (status < 300) return { outcome: 'done' };
  const { code, title, detail } = body as { code: string; title: string; detail?: string };
  return { outcome: 'refused', code, detail: detail ?? title };
}

/** Undefined: there is no such request. Refused: a time that no package can have. */
async function toCommand({ db }: Deps, { requestId, verb, offer, to }: Asked, by: Actor): Promise<(Command & { requestId: string }) | Refusal | undefined> {
  switch (verb) {
    case 'approve':
      return { type: 'approve', requestId, offer: named(offer), without: [], by };
    case 'decline':
      return { type: 'decline', requestId, offer: named(offer), by };
    case 'restore':
      return { type: 'restore', requestId, by };
    case 'counter':
    case 'propose': {
      if (to === undefined) throw new RequestRefused(`"${verb}" needs a new time`);
      const found = await findRequest(db, requestId);
      const zone = found?.lessons[0]?.zone;
      if (zone === undefined) return undefined;
      const instant = parseInstant(to);
      if (!isPlannable(instant)) return refuse(isTooEarly(instant) ? 'offer-in-past' : 'beyond-package-limit');
      const time = newTime(instant, zone);
      return verb === 'counter' ? { type: 'counter', requestId, offer: named(offer), to: time, without: [], by } : { type: 'propose', requestId, to: time, by };
    }
  }
}

function named(offer: number | undefined): number {
  if (offer === undefined) throw new RequestRefused('an answer names the offer that it answers');
  return offer;
}

/** The instant as the wall clock of the package shows it: that is what is agreed on. */
function newTime(instant: number, zone: string): NewTime {
  const pass = passAt(instant, zone);
  return { wall: wallAt(instant, zone), ...(pass === undefined ? {} : { pass }) };
}
