import type { ServiceName } from '@schoolbell/contracts';
import { createPeriodic, type Health, type Log } from '@schoolbell/service-kit';
import { waitMs, type Clock } from '@schoolbell/time';
import pg from 'pg';
import type { NewAlert } from './alerts.ts';
import { INITIAL_LEVEL, stepLevelTrigger } from './level-trigger.ts';

const PROBE_EVERY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 1_500;
const ANSWER_TIMEOUT_MS = 1_500;
const GOOD_BYE_MS = 500;
const REASON_MAX_LENGTH = 500;

/** Tells the on-call admin, past the database, that the database does not answer. */
export interface DatabaseWatch {
  start(): void;
  stop(): Promise<void>;
  /** Why the last probe failed; undefined while the database answers. */
  trouble(): string | undefined;
  /** It has answered since the start. */
  answered(): boolean;
}

/**
 * Asks the database once a second on a connection of its own: a pool that is merely busy is not an outage. The alert
 * is repeated until it is over and does not pass through the database; see `stepLevelTrigger`.
 */
export function watchDatabase(deps: {
  service: ServiceName;
  databaseUrl: string;
  raiseDirect: (alert: NewAlert) => void;
  clock: Clock;
  log: Log;
  health: Health;
  /** State of the check `database` while it does not answer. Default: `down`. */
  troubleState?: 'degraded' | 'down';
}): DatabaseWatch {
  const { service, clock, log, health, troubleState = 'down' } = deps;
  const probe = createProbe(deps.databaseUrl, service);
  let level = INITIAL_LEVEL;
  let trouble: string | undefined;
  let answered = false;

  const alert = (state: NewAlert['state'], detail: string): NewAlert => ({
    fingerprint: `database-down:${service}`,
    kind: 'database-down',
    state,
    severity: 'critical',
    title: `The database of ${service} does not answer`,
    detail,
  });

  const job = createPeriodic({
    name: 'database-watch',
    everyMs: PROBE_EVERY_MS,
    log,
    run: async (signal) => {
      const reason = await probe.ask();
      if (signal.aborted) return;
      if ((reason === undefined) !== (trouble === undefined)) log.warn({ reason }, reason === undefined ? 'the database answers again' : 'the database does not answer');
      trouble = reason;
      answered ||= reason === undefined;
      const step = stepLevelTrigger(level, reason === undefined, clock.now());
      level = step.state;
      // One slow answer does not take a service out of work, but one that never had a database is not ready.
      if (level.firing || !answered) health.set('database', troubleState, reason);
      else health.set('database', 'ok');
      if (step.say !== undefined) deps.raiseDirect(alert(step.say, reason ?? 'It answers again.'));
    },
  });

  return {
    start: () => job.start(),
    async stop() {
      await job.stop();
      await probe.close();
    },
    trouble: () => trouble,
    answered: () => answered,
  };
}

function createProbe(url: string, service: ServiceName) {
  let client: pg.Client | undefined;

  /** A server that hangs does not answer the good-bye: the connection is cut. */
  async function drop(patienceMs: number): Promise<void> {
    const former = client;
    client = undefined;
    if (former === undefined) return;
    const goodBye = former.end().catch(() => undefined);
    const said = new AbortController();
    await Promise.race([goodBye, waitMs(patienceMs, said.signal)]);
    said.abort();
    former.connection?.stream.destroy();
  }

  return {
    /** Undefined when the database answers, else why not. */
    async ask(): Promise<string | undefined> {
      try {
        if (client === undefined) {
          client = new pg.Client({
            connectionString: url,
            application_name: `schoolbell-${service}-watch`,
            connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
            query_timeout: ANSWER_TIMEOUT_MS,
          });
          client.on('error', () => undefined);
          await client.connect();
        }
        await client.query('SELECT 1');
        return undefined;
      } catch (error) {
        void drop(0);
        const { message, code } = error as { message?: string; code?: string };
        return (message || code || String(error)).slice(0, REASON_MAX_LENGTH);
      }
    },
    close: () => drop(GOOD_BYE_MS),
  };
}
