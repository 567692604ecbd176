import { monotonicMs } from '../measure/monotonic.ts';
import { openConnection, type Connection } from './connection.ts';
import type { SignedRequests } from './requests.ts';

export interface LoadOptions {
  readonly url: string;
  /** The part of the prepared requests that is sent: `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly connections: number;
  /** Open loop: one request every 1/rate seconds, whatever the answers do. Absent: closed loop. */
  readonly ratePerSecond?: number;
}

export interface LoadResult {
  /** Monotonic milliseconds of the first send (open loop: of the first intended send) and of the last answer. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** Answers by status; 0 is a broken connection. */
  readonly statuses: Record<string, number>;
  /** Per request, in order: milliseconds from the intended send to the answer. */
  readonly latenciesMs: Float64Array;
  /** Per request, in order: monotonic milliseconds of the answer. */
  readonly answeredMs: Float64Array;
}

/** Requests that are late are sent in order as connections become free; the wait counts as latency. */
export async function runLoad(requests: SignedRequests, options: LoadOptions): Promise<LoadResult> {
  const { url, from, to, connections, ratePerSecond } = options;
  const count = to - from;
  const intendedMs = new Float64Array(count);
  const answeredMs = new Float64Array(count);
  const statuses: Record<string, number> = {};
  const idle: Connection[] = [];
  const inFlight = new Map<Connection, number>();
  let due = ratePerSecond === undefined ? count : 0;
  let sent = 0;
  let answered = 0;
  const finished = Promise.withResolvers<void>();

  function sendOn(connection: Connection): void {
    const index = sent;
    sent += 1;
    if (ratePerSecond === undefined) intendedMs[index] = monotonicMs();
    inFlight.set(connection, index);
    connection.send(requests.at(from + index));
  }
  function pump(): void {
    // The one that has rested longest first, so that none rests until the server closes it.
    while (sent < due && idle.length > 0) sendOn(idle.shift()!);
  }
  function onAnswer(connection: Connection, status: number): void {
    const index = inFlight.get(connection);
    if (index === undefined) return finished.reject(new Error('the server closed a connection that was at rest'));
    answeredMs[index] = monotonicMs();
    inFlight.delete(connection);
    statuses[status] = (statuses[status] ?? 0) + 1;
    answered += 1;
    if (answered === count) finished.resolve();
    else if (status === 0) finished.reject(new Error(`the server closed a connection after ${answered} answers`));
    else if (sent < due) sendOn(connection);
    else idle.push(connection);
  }

  const opened = await Promise.all(Array.from({ length: connections }, () => openConnection(url, onAnswer)));
  idle.push(...opened);
  const startedMs = monotonicMs();
  if (ratePerSecond !== undefined) {
    const stepMs = 1000 / ratePerSecond;
    for (let index = 0; index < count; index += 1) intendedMs[index] = startedMs + index * stepMs;
    const timer = setInterval(() => {
      due = Math.min(count, Math.floor((monotonicMs() - startedMs) / stepMs) + 1);
      pump();
      if (due === count) clearInterval(timer);
    }, 1);
  }
  pump();
  try {
    await finished.promise;
  } finally {
    for (const connection of opened) connection.close();
  }
  const latenciesMs = answeredMs.map((at, index) => at - intendedMs[index]!);
  return { startedMs, endedMs: Math.max(...tail(answeredMs)), statuses, latenciesMs, answeredMs };
}

/** The last answers: the greatest of all is among them, and `Math.max` cannot take them all. */
const tail = (times: Float64Array): Float64Array => times.subarray(Math.max(0, times.length - 10_000));
