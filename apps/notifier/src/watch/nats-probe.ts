import type { Nats } from '@schoolbell/messaging';
import { waitMs } from '@schoolbell/time';
import { PROBE_TIMEOUT_MS, type Watched } from './watch.ts';

/** Does NATS answer, and its JetStream? A server that hangs keeps the connection and says nothing. */
export function watchedNats(nats: Nats): Watched {
  return {
    name: 'watch-nats',
    failuresToFire: 2,
    alert: {
      fingerprint: 'nats-down',
      kind: 'nats-down',
      severity: 'critical',
      service: 'notifier',
      title: 'NATS does not answer',
      labels: {},
    },
    async probe(signal) {
      const session = nats.current();
      if (session === undefined || !nats.connected()) return 'There is no connection to NATS. Events wait in Postgres and are told when it is back.';
      try {
        await within(session.connection.rtt(), signal);
      } catch (error) {
        return `The connection to NATS is silent: ${messageOf(error)}`;
      }
      try {
        await within(session.manager.getAccountInfo(), signal);
        return undefined;
      } catch (error) {
        return `NATS answers and its JetStream does not: ${messageOf(error)}`;
      }
    },
  };
}

async function within<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  answer.catch(() => undefined);
  const answered = new AbortController();
  try {
    return await Promise.race([
      answer,
      waitMs(PROBE_TIMEOUT_MS / 2, AbortSignal.any([signal, answered.signal])).then(() => {
        throw new Error(`no answer within ${PROBE_TIMEOUT_MS / 2} ms`);
      }),
    ]);
  } finally {
    answered.abort();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
