import { monotonicMs } from '../measure/monotonic.ts';
import { openConnection, type Connection } from './connection.ts';
import type { LoadResult } from './load.ts';
import { writeRequest } from './requests.ts';

/** One command of a negotiation. In the path of all but the first, `:request` stands for what the first one's answer names. */
export interface Step {
  readonly path: string;
  readonly token: string;
  readonly body: string;
}

export interface NegotiateOptions {
  readonly url: string;
  /** Each begins with a request and goes on with the answers to it, one after the other. */
  readonly negotiations: readonly (readonly Step[])[];
  /** So many are sent, requests and answers together; then it ends, whatever is still open. */
  readonly commands: number;
  readonly connections: number;
  /** Answers wait until so many negotiations wait for one: people do not answer at once. */
  readonly waiting: number;
  /** Open loop: one command every 1/rate seconds. Absent: closed loop. */
  readonly ratePerSecond?: number;
}

export type NegotiateResult = Pick<LoadResult, 'startedMs' | 'endedMs' | 'latenciesMs' | 'answeredMs'> & {
  /** How many of each position in a negotiation were sent: requests, first answers, second answers. */
  readonly sent: readonly number[];
};

interface Open {
  readonly steps: readonly Step[];
  next: number;
  requestId: string;
}

const REQUEST_ID = /^\{"id":"([0-9a-f-]{36})"/;

/** @throws when a command is refused: all of them are valid when nothing else happens to the lessons. */
export async function negotiate(options: NegotiateOptions): Promise<NegotiateResult> {
  const { url, negotiations, commands, connections, waiting, ratePerSecond } = options;
  const { host } = new URL(url);
  const intendedMs = new Float64Array(commands);
  const answeredMs = new Float64Array(commands);
  const sentOf: number[] = [];
  const ready: Open[] = [];
  const idle: Connection[] = [];
  const inFlight = new Map<Connection, { index: number; open: Open }>();
  let begun = 0;
  let due = ratePerSecond === undefined ? commands : 0;
  let sent = 0;
  let answered = 0;
  const finished = Promise.withResolvers<void>();

  function take(): Open {
    const waited = ready.length >= waiting || begun === negotiations.length ? ready.shift() : undefined;
    if (waited !== undefined) return waited;
    const steps = negotiations[begun++];
    if (steps === undefined) throw new Error('more negotiations are needed for so many commands');
    return { steps, next: 0, requestId: '' };
  }
  function sendOn(connection: Connection): void {
    const open = take();
    const step = open.steps[open.next]!;
    sentOf[open.next] = (sentOf[open.next] ?? 0) + 1;
    if (ratePerSecond === undefined) intendedMs[sent] = monotonicMs();
    inFlight.set(connection, { index: sent, open });
    sent += 1;
    connection.send(writeRequest({ method: 'POST', ...step, path: step.path.replace(':request', open.requestId) }, host));
  }
  function pump(): void {
    while (sent < due && idle.length > 0) sendOn(idle.shift()!);
  }
  function settle(connection: Connection, status: number, body: () => string): void {
    const flight = inFlight.get(connection);
    if (flight === undefined) throw new Error('the server closed a connection that was at rest');
    const { index, open } = flight;
    answeredMs[index] = monotonicMs();
    inFlight.delete(connection);
    answered += 1;
    if (status !== (open.next === 0 ? 201 : 200)) throw new Error(`${open.steps[open.next]!.path} was answered ${status}: ${body().slice(0, 500)}`);
    if (open.next === 0) open.requestId = REQUEST_ID.exec(body())?.[1] ?? '';
    open.next += 1;
    if (open.next < open.steps.length) ready.push(open);
    if (answered === commands) finished.resolve();
    else if (sent < due) sendOn(connection);
    else idle.push(connection);
  }
  function onAnswer(connection: Connection, status: number, body: () => string): void {
    try {
      settle(connection, status, body);
    } catch (error) {
      finished.reject(error);
    }
  }

  const opened = await Promise.all(Array.from({ length: connections }, () => openConnection(url, onAnswer)));
  idle.push(...opened);
  const startedMs = monotonicMs();
  let timer: NodeJS.Timeout | undefined;
  if (ratePerSecond !== undefined) {
    const stepMs = 1000 / ratePerSecond;
    for (let index = 0; index < commands; index += 1) intendedMs[index] = startedMs + index * stepMs;
    timer = setInterval(() => {
      due = Math.min(commands, Math.floor((monotonicMs() - startedMs) / stepMs) + 1);
      pump();
    }, 1);
  }
  pump();
  try {
    await finished.promise;
  } finally {
    clearInterval(timer);
    for (const connection of opened) connection.close();
  }
  const latenciesMs = answeredMs.map((at, index) => at - intendedMs[index]!);
  return { startedMs, endedMs: answeredMs.reduce((latest, at) => Math.max(latest, at)), latenciesMs, answeredMs, sent: sentOf };
}
