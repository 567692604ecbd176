import { rm } from 'node:fs/promises';
import type { AlertKind, ServiceName } from '@schoolbell/contracts';
import type { Answer } from '@schoolbell/testing';
import { waitMs } from '@schoolbell/time';
import type { System } from '../system/system.ts';

/** Something that happens to a running system. It ends with the fault being over. */
export interface Fault {
  readonly name: string;
  /** Length of the fault; the traffic goes on before, through and after it. */
  readonly lastsMs: number;
  strike(system: System): Promise<void>;
  /** Kinds of alerts of which at least one must have been told; it may take until after the fault. */
  readonly told: readonly AlertKind[];
  /** Requests that may arrive twice: those in flight at a kill. Without a kill none may. */
  readonly duplicatesMax: number;
}

/** Concurrency of the destination: so many requests can be in flight when somebody dies. */
export const DESTINATION_CONCURRENCY = 16;
const MOMENT_MS = 1_000;
/** Long enough for the circuit to open. */
const MISBEHAVIOUR_MS = 3_000;
/** Longer than twice the destination's deadline, so that hanging is noticed. */
const HANGING_MS = 8_000;

const kill = (service: ServiceName): Fault => ({
  name: `kill -9 ${service}`,
  lastsMs: MOMENT_MS,
  async strike(system) {
    const [victim] = system.replicas(service);
    await victim!.kill('SIGKILL');
    await waitMs(MOMENT_MS);
    await victim!.restart();
  },
  told: [],
  duplicatesMax: service === 'delivery' ? DESTINATION_CONCURRENCY : 0,
});

const misbehave = (name: string, answer: Answer, told: readonly AlertKind[], lastsMs = MISBEHAVIOUR_MS): Fault => ({
  name: `the destination ${name}`,
  lastsMs,
  async strike(system) {
    system.receiver.behave(answer);
    await waitMs(lastsMs);
    system.receiver.behave({ kind: 'status', status: 204 });
  },
  told,
  duplicatesMax: 0,
});

/** Each fault once. Outages last `outageMs`. */
export function faults(outageMs: number): readonly Fault[] {
  return [
    kill('ingest'),
    kill('results'),
    kill('delivery'),
    kill('scheduling'),
    kill('notifier'),
    {
      name: 'kill -9 NATS',
      lastsMs: MOMENT_MS,
      async strike({ nats }) {
        await nats.kill('SIGKILL');
        await waitMs(MOMENT_MS);
        await nats.restart();
      },
      told: [],
      duplicatesMax: 0,
    },
    {
      name: 'kill -9 Postgres',
      lastsMs: MOMENT_MS,
      async strike({ postgres }) {
        await postgres.kill('SIGKILL');
        await waitMs(MOMENT_MS);
        await postgres.restart();
      },
      told: [],
      duplicatesMax: DESTINATION_CONCURRENCY,
    },
    {
      name: `Postgres is away for ${outageMs / 1_000} s`,
      lastsMs: outageMs,
      async strike({ postgres }) {
        await postgres.stop();
        await waitMs(outageMs);
        await postgres.restart();
      },
      told: ['database-down'],
      duplicatesMax: DESTINATION_CONCURRENCY,
    },
    {
      name: `NATS is away for ${outageMs / 1_000} s`,
      lastsMs: outageMs,
      async strike({ nats }) {
        await nats.stop();
        await waitMs(outageMs);
        await nats.restart();
      },
      told: ['nats-down'],
      duplicatesMax: 0,
    },
    {
      name: "JetStream's data directory is deleted",
      lastsMs: 2 * MOMENT_MS,
      async strike({ nats }) {
        // The server goes on writing into it meanwhile.
        await rm(nats.dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 });
        await waitMs(MOMENT_MS);
        await nats.kill('SIGKILL');
        await waitMs(MOMENT_MS);
        await nats.restart();
      },
      told: ['stream-lost'],
      duplicatesMax: 0,
    },
    misbehave('answers 500', { kind: 'status', status: 500 }, ['circuit-open']),
    misbehave('hangs', { kind: 'hang' }, ['circuit-open'], HANGING_MS),
    misbehave('drips bytes', { kind: 'drip', everyMs: 100 }, ['circuit-open'], HANGING_MS),
    misbehave('redirects', { kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' }, []),
    misbehave('sends gigabytes', { kind: 'huge', bytes: 4 * 1024 ** 3 }, []),
    misbehave('says 429 with Retry-After', { kind: 'status', status: 429, headers: { 'retry-after': '2' } }, []),
  ];
}
