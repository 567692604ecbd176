import { Pool, type Dispatcher } from 'undici';
import { AnswerHead } from './answer.ts';
import { createConnector, type Resolve } from './connector.ts';
import type { Exchange } from './exchange.ts';
import { describeFailure } from './failure.ts';

/** Connections beside those of the claims: a test message must not wait behind a busy destination. */
const SPARE_CONNECTIONS = 2;
const ANSWER_HEADERS_MAX_BYTES = 16 * 1024;
/** Idle connections are closed before the usual servers close theirs (5 s in Node, 15 s in nginx and Apache). */
const KEEP_ALIVE_MS = 4_000;

export interface Outgoing {
  readonly body: Buffer;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Asked when the request is about to be written. False: it is not sent. */
  readonly mayStart: () => boolean;
}

/** The guarded way to one destination: a keep-alive pool with a deadline, a cap on answers, and judged addresses. */
export interface Sender {
  /** POST. Never rejects. */
  send(outgoing: Outgoing): Promise<Exchange>;
  /** Lets the requests in flight end, at most until their deadline. */
  close(): Promise<void>;
}

export interface SenderOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly allowPrivateNetwork: boolean;
  readonly resolve: Resolve;
}

export function createSender({ url, timeoutMs, concurrency, allowPrivateNetwork, resolve }: SenderOptions): Sender {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, {
    connections: concurrency + SPARE_CONNECTIONS,
    pipelining: 1,
    connect: createConnector({ allowPrivateNetwork, timeoutMs, resolve }),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: ANSWER_HEADERS_MAX_BYTES,
    // The one deadline is ours; two more timers per request would only add to it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const path = pathname + search;

  return {
    send: (outgoing) =>
      new Promise((done) => {
        const flight = new Flight(outgoing, timeoutMs, done);
        const headers = outgoing.headers as string[];
        pool.dispatch({ path, method: 'POST', headers, body: outgoing.body }, flight);
      }),
    close: () => pool.close(),
  };
}

class StoppedError extends Error {}
const STOPPED = new StoppedError('the answer is not needed any further');

/** One request on its way. It settles once; whatever undici reports afterwards is of no interest. */
class Flight implements Dispatcher.DispatchHandler {
  readonly #outgoing: Outgoing;
  readonly #deadline: NodeJS.Timeout;
  readonly #done: (exchange: Exchange) => void;
  readonly #startedMs = performance.now();
  readonly #head = new AnswerHead();
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status: number | undefined;
  #retryAfter: string | undefined;
  #encoding: string | undefined;

  constructor(outgoing: Outgoing, timeoutMs: number, done: (exchange: Exchange) => void) {
    this.#outgoing = outgoing;
    this.#done = done;
    this.#deadline = setTimeout(() => this.#expire(), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (!this.#settled && !this.#outgoing.mayStart()) {
      this.#settle({ kind: 'not-sent', durationMs: this.#elapsedMs(), detail: 'the lease would not have outlasted the request' });
    }
    if (this.#settled) controller.abort(STOPPED);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    // 1xx is not an answer yet.
    if (status < 200) return;
    this.#status = status;
    this.#retryAfter = first(headers['retry-after']);
    this.#encoding = first(headers['content-encoding']);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled || this.#head.add(chunk)) return;
    // The status is known and more than enough of the answer; an endless rest costs this connection, nothing else.
    this.#answered();
    controller.abort(STOPPED);
  }

  onResponseEnd(): void {
    this.#answered();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settled) return;
    const { failure, detail } = describeFailure(error);
    if (failure === 'own') this.#settle({ kind: 'not-sent', durationMs: this.#elapsedMs(), detail });
    else this.#fail(failure, detail);
  }

  #answered(): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#deadline);
    const [durationMs, status, retryAfter] = [this.#elapsedMs(), this.#status ?? 0, this.#retryAfter];
    void this.#head
      .text(this.#encoding)
      // The status counts, whatever its text does to the reader.
      .catch(() => '')
      .then((answer) => this.#done({ kind: 'answered', durationMs, status, retryAfter, answer }));
  }

  #expire(): void {
    this.#fail('timeout', this.#status === undefined ? 'no answer in time' : 'the answer did not end in time');
    this.#controller?.abort(STOPPED);
  }

  #fail(failure: Extract<Exchange, { kind: 'failed' }>['failure'], detail: string): void {
    this.#settle({ kind: 'failed', durationMs: this.#elapsedMs(), failure, detail, status: this.#status });
  }

  #settle(exchange: Exchange): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#deadline);
    this.#done(exchange);
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
