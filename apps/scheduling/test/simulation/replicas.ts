import { createDatabase, createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { askAgain } from '../../src/packages/small-groups.ts';
import type { PerformDeps } from '../../src/store/perform.ts';
import { poll } from '../../src/store/poll.ts';
import type { Parts } from '../database.ts';

/**
 * Replicas of the service on one database, each with connections of its own. They are stopped in good order, killed in the
 * middle of what they do, and started again; one of them always runs.
 */
const COUNT = 3;
const CONNECTIONS = 3;
/** What a statement throws when its connection is cut: the server's word for it, the driver's, or the socket's. */
const CUT = /57P01|terminat|not queryable|Connection ended|EPIPE|ECONNRESET/i;

interface Replica {
  readonly name: string;
  db: Database | undefined;
}

export interface Replicas {
  /** Does the work on a replica that runs. With `crash` its connections are cut meanwhile: then it may fail, and only by that. */
  run<T>(by: number, work: (deps: PerformDeps) => Promise<T>, crash?: boolean): Promise<T | undefined>;
  /** Every replica that runs polls at once, until nothing is due, and asks about groups that are too small. */
  pollAll(): Promise<void>;
  stop(by: number): Promise<void>;
  start(): void;
  close(): Promise<void>;
}

export function createReplicas({ url, clock, tell, sql }: Pick<Parts, 'url' | 'clock' | 'tell' | 'sql'>): Replicas {
  const log = createLogger({ service: 'scheduling', level: 'silent', destination: { write: () => undefined } });
  const open = (name: string): Database =>
    createDatabase({ url: `${url}?application_name=${name}`, schema: 'scheduling', log, metrics: createMetrics('scheduling'), maxConnections: CONNECTIONS });
  const all: Replica[] = Array.from({ length: COUNT }, (_, index) => ({ name: `replica-${index}`, db: open(`replica-${index}`) }));
  const running = (): (Replica & { db: Database })[] => all.filter((one): one is Replica & { db: Database } => one.db !== undefined);
  const depsOf = (db: Database): PerformDeps => ({ db, clock, tell });
  const cut = (name: string) => sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]);

  return {
    async run(by, work, crash = false) {
      const up = running();
      const replica = up[by % up.length] as Replica & { db: Database };
      const done = work(depsOf(replica.db));
      if (!crash) return done;
      const [outcome] = await Promise.allSettled([done, cut(replica.name)]);
      // It starts anew, with new connections.
      await replica.db.close();
      replica.db = open(replica.name);
      if (outcome.status === 'fulfilled') return outcome.value;
      if (CUT.test(`${String(outcome.reason)} ${String((outcome.reason as { code?: string }).code)}`)) return undefined;
      throw outcome.reason;
    },
    async pollAll() {
      for (;;) {
        const rounds = await Promise.all(running().map(({ db }) => poll(depsOf(db))));
        if (rounds.some(({ lessons }) => lessons > 0)) continue;
        await Promise.all(running().map(({ db }) => askAgain(depsOf(db))));
        return;
      }
    },
    async stop(by) {
      const up = running();
      if (up.length === 1) return;
      const one = up[by % up.length] as Replica;
      const { db } = one;
      one.db = undefined;
      await db?.close();
    },
    start() {
      for (const one of all) one.db ??= open(one.name);
    },
    async close() {
      await Promise.all(running().map(({ db }) => db.close()));
    },
  };
}
