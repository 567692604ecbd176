import { schedulingEvents, schedulingStream, SchedulingData, type SchedulingTransition } from '@schoolbell/contracts';
import type { Messaging, ReceivedEvent } from '@schoolbell/messaging';
import type { Metrics, Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { Counter } from 'prom-client';
import { decide, type Happening, type Telling } from './decide.ts';
import { tellAll } from './store.ts';

/** A notice may be a little later than what it tells of: one transaction for 15 messages at 300 a second, instead of one each. */
const GATHER_MS = 50;

/** Turns what happened in scheduling into notices: the inbox has them with the commit, everything else reads them there. */
export function consumeScheduling(deps: {
  messaging: Pick<Messaging, 'consume'>;
  clock: Clock;
  metrics: Metrics;
  onDead: Parameters<Messaging['consume']>[0]['onDead'];
  /** What else is done about what is told, in the same transaction. */
  about?: (tx: Tx, tellings: readonly Telling[], nowMs: number) => Promise<void>;
  /** After a commit with new notices. Must not throw. */
  told?: () => void;
}): void {
  const { messaging, clock, metrics, onDead, about, told = () => undefined } = deps;
  const [durable] = schedulingStream.durables;
  if (durable === undefined) throw new Error('the contracts name no durable of the notifier on the stream of scheduling');
  const notices = new Counter({ name: 'notices_total', help: 'Notices written for participants.', registers: [metrics.registry] });
  messaging.consume({
    stream: schedulingStream,
    durable,
    accepts: schedulingEvents,
    gatherMs: GATHER_MS,
    apply: async (tx, events) => {
      notices.inc(await intake(tx, events, clock.now(), about));
      return [];
    },
    afterCommit: told,
    ...(onDead && { onDead }),
  });
}

/** The number of new notices. */
export async function intake(
  tx: Tx, events: readonly ReceivedEvent[], nowMs: number, about: (tx: Tx, tellings: readonly Telling[], nowMs: number) => Promise<void> = async () => undefined,
): Promise<number> {
  const tellings = decide(events.map(happeningOf), nowMs);
  const count = await tellAll(tx, tellings, nowMs);
  await about(tx, tellings, nowMs);
  return count;
}

/** `scheduling.move.requested.v1` is the transition `move.requested`. Its data is checked; parsing again gives it its type. */
export const happeningOf = ({ id, type, data }: ReceivedEvent): Happening => ({
  eventId: id,
  transition: type.replace(/^scheduling\./, '').replace(/\.v\d+$/, '') as SchedulingTransition,
  data: SchedulingData.parse(data),
});
