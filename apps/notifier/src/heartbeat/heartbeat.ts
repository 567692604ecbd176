import { createPeriodic, type Log, type Metrics, type Periodic } from '@schoolbell/service-kit';
import { Counter } from 'prom-client';

const EVERY_MS = 60_000;
const TIMEOUT_MS = 8_000;

/** What must be well for somebody outside to hear that we are. */
export interface Vitals {
  /** Undefined: well; else what is not. */
  database(): string | undefined;
  nats(): string | undefined;
  queue(): string | undefined;
  consumers(): string | undefined;
}

/** What is not well, first of all; undefined: all is. */
export function ailment({ database, nats, queue, consumers }: Vitals): string | undefined {
  return database() ?? nats() ?? queue() ?? consumers();
}

/**
 * Asks an address outside each minute while the notifier is well. Silence is the alarm there: it also comes when this
 * machine or its network is gone, which nobody in here could tell.
 */
export function createHeartbeat(deps: {
  target: () => { readonly url: string; readonly method: 'GET' | 'POST' } | undefined;
  vitals: Vitals;
  log: Log;
  metrics: Metrics;
  everyMs?: number;
}): Periodic {
  const { vitals, log, everyMs = EVERY_MS } = deps;
  const beats = new Counter({ name: 'notifier_heartbeats_total', help: 'Heartbeats by what became of them; `withheld`: something is not well.', labelNames: ['outcome'], registers: [deps.metrics.registry] });
  let silent: string | undefined;

  async function beat(url: string, method: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const response = await fetch(url, { method, redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
      await response.body?.cancel();
      return response.ok ? undefined : `it answered ${response.status}`;
    } catch (error) {
      // Never the error itself: the address, which is a secret, stands in it.
      const { name, cause } = error as { name?: string; cause?: { code?: string } };
      return cause?.code ?? name ?? 'it failed';
    }
  }

  function note(reason: string | undefined, text: string): void {
    if (reason !== silent) log.warn({ reason }, reason === undefined ? 'the heartbeat is heard again' : text);
    silent = reason;
  }

  return createPeriodic({
    name: 'heartbeat',
    everyMs,
    log,
    run: async (signal) => {
      const target = deps.target();
      if (target === undefined) return;
      const ill = ailment(vitals);
      if (ill !== undefined) {
        beats.inc({ outcome: 'withheld' });
        return note(ill, 'no heartbeat, because something is not well');
      }
      const failure = await beat(target.url, target.method, signal);
      if (signal.aborted) return;
      beats.inc({ outcome: failure === undefined ? 'heard' : 'failed' });
      note(failure, 'the heartbeat was not heard');
    },
  });
}
