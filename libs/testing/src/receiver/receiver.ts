import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { RatingMessage, SummaryMessage } from '@schoolbell/contracts';
import { parseSecret, verify } from '@schoolbell/standard-webhooks';
import { systemClock } from '@schoolbell/time';
import { TEST_DESTINATION_SECRET } from '../configuration/test-configuration.ts';
import { giveAnswer, OK, type Answer } from './answer.ts';

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly webhookId: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly signed: boolean;
  /** Undefined for what is no summary. */
  readonly summary: SummaryMessage['data'] | undefined;
  readonly rating: RatingMessage['data'] | undefined;
  readonly answer: Answer;
}

/** The client's own server: verifies, keeps what is newest, and misbehaves on demand. */
export interface Receiver {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** The summary with the highest revision of a learner among those that were answered 2xx. */
  newest(learnerId: string): SummaryMessage['data'] | undefined;
  /** What no destination should ever see: bad signatures, a revision that starts after a newer one. */
  readonly violations: readonly string[];
  /** How to answer from now on: always the same, or chosen for each request. */
  behave(answer: Answer | ((request: Omit<ReceivedRequest, 'answer'>, index: number) => Answer)): void;
  /** Forget what has arrived. */
  clear(): void;
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  readonly port?: number;
  readonly secret?: string;
}

export async function startReceiver({ port = 0, secret = TEST_DESTINATION_SECRET }: ReceiverOptions = {}): Promise<Receiver> {
  const key = parseSecret(secret);
  const requests: ReceivedRequest[] = [];
  const violations: string[] = [];
  const started = new Map<string, number>();
  const newest = new Map<string, SummaryMessage['data']>();
  let choose: (request: Omit<ReceivedRequest, 'answer'>, index: number) => Answer = () => OK;

  const server = createServer(async (incoming, response) => {
    response.on('error', () => undefined);
    const body = await buffer(incoming).catch(() => undefined);
    if (body === undefined) return;
    const request = read(incoming, body);
    const { summary } = request;
    if (!request.signed) violations.push(`signature of ${request.webhookId} is not valid`);
    if (summary && summary.revision < (started.get(summary.learnerId) ?? 0)) {
      violations.push(`revision ${summary.revision} of ${summary.learnerId} came after ${started.get(summary.learnerId)}`);
    }
    if (summary) started.set(summary.learnerId, Math.max(summary.revision, started.get(summary.learnerId) ?? 0));
    const answer = choose(request, requests.length);
    requests.push({ ...request, answer });
    const taken = answer.kind === 'status' && answer.status >= 200 && answer.status < 300;
    if (taken && summary && summary.revision > (newest.get(summary.learnerId)?.revision ?? 0)) newest.set(summary.learnerId, summary);
    giveAnswer(answer, response);
  });

  function read({ headers }: IncomingMessage, body: Buffer): Omit<ReceivedRequest, 'answer'> {
    const text = (name: string): string => String(headers[name] ?? '');
    const verdict = verify(
      [key],
      { id: text('webhook-id'), timestamp: text('webhook-timestamp'), signature: text('webhook-signature'), body },
      systemClock.now(),
    );
    const json = parseJson(body);
    return {
      webhookId: text('webhook-id'),
      headers,
      body,
      signed: verdict === 'verified',
      summary: SummaryMessage.safeParse(json).data?.data,
      rating: RatingMessage.safeParse(json).data?.data,
    };
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/schoolbell`,
    requests,
    violations,
    newest: (learnerId) => newest.get(learnerId),
    behave: (answer) => void (choose = typeof answer === 'function' ? answer : () => answer),
    clear() {
      requests.length = 0;
      violations.length = 0;
      started.clear();
      newest.clear();
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
