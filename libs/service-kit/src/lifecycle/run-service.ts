import type { ServiceName } from '@schoolbell/contracts';
import { ConfigurationError } from '../config/error.ts';
import type { Environment } from '../config/environment.ts';
import { MigrationError } from '../db/migration-error.ts';
import { createHealth, type Health } from '../health/health.ts';
import { createLogger, type Log } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics.ts';

/** Finish what is in hand within this; orchestrators kill after 30 s. */
const SHUTDOWN_DEADLINE_MS = 20_000;
const EXIT_FAILURE = 1;
/** Wrong usage, not a crash: starting again will not help. Source: sysexits.h, EX_CONFIG. */
const EXIT_CONFIGURATION = 78;

/** A service that runs. */
export interface RunningService {
  /** Take no new work, finish what is in hand, let everything go. */
  stop(): Promise<void>;
}

/** What every service is given at its start. */
export interface ServiceContext<Env> {
  readonly env: Env;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
}

export interface RunServiceOptions<Env> {
  readonly name: ServiceName;
  readonly environment: Environment<Env>;
  readonly start: (context: ServiceContext<Readonly<Env>>) => Promise<RunningService>;
  readonly shutdownDeadlineMs?: number;
}

/**
 * The life of a service process. SIGTERM or SIGINT: not ready, then `stop()`, exit 0; a second signal or the deadline:
 * exit 1. SIGHUP never ends it. A wrong environment or configuration: every problem on standard error, exit 78. An error
 * nobody caught: logged, exit 1, because what it left behind is unknown and everything accepted is in the database.
 */
export function runService<Env>(options: RunServiceOptions<Env>): void {
  const { name, environment, start, shutdownDeadlineMs = SHUTDOWN_DEADLINE_MS } = options;
  let log = createLogger({ service: name, level: 'info' });
  const health = createHealth();
  let running: Promise<RunningService> | undefined;
  let stopping = false;

  const crash = (kind: string) => (err: unknown) => {
    log.fatal({ err }, kind);
    process.exit(EXIT_FAILURE);
  };
  process.on('uncaughtException', crash('uncaught exception'));
  process.on('unhandledRejection', crash('unhandled rejection'));

  async function shutDown(signal: string): Promise<void> {
    if (stopping) {
      log.warn({ signal }, 'second signal, ending at once');
      process.exit(EXIT_FAILURE);
    }
    stopping = true;
    log.info({ signal }, 'shutting down');
    health.set('shutdown', 'down', 'the service is shutting down');
    setTimeout(() => {
      log.error({ deadlineMs: shutdownDeadlineMs }, 'shutdown took too long');
      process.exit(EXIT_FAILURE);
    }, shutdownDeadlineMs).unref();
    await (await running)?.stop();
    log.info('stopped');
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void shutDown(signal));
  // Left to itself it ends the process: before the configuration listens to it, and after it listens no more.
  process.on('SIGHUP', () => undefined);

  async function begin(): Promise<RunningService> {
    const env = environment.parse(process.env);
    const { LOG_LEVEL } = env as { LOG_LEVEL?: string };
    if (LOG_LEVEL !== undefined) log = createLogger({ service: name, level: LOG_LEVEL });
    return start({ env, log, metrics: createMetrics(name), health });
  }
  running = begin();
  running.then(
    () => log.info('started'),
    (error: unknown) => {
      const known = error instanceof ConfigurationError || error instanceof MigrationError;
      if (!known) return crash('start failed')(error);
      // For people, who read several lines better than one of JSON.
      process.stderr.write(`${name}: ${error.message}\n`);
      process.exit(EXIT_CONFIGURATION);
    },
  );
}
