import { classifyDatabaseError, type Log } from '@schoolbell/service-kit';
import type { RequestDefinition } from '@schoolbell/contracts';
import { waitMs } from '@schoolbell/time';
import { z } from 'zod';
import type { Nats } from './connection.ts';

/** Questions that one replica works on at once, per subject; more are refused at once. */
const IN_FLIGHT_MAX = 16;
const REQUEST_MAX_BYTES = 64 * 1024;
/** Below the 1 MiB that a NATS server takes by default. Lists in the contracts are bounded, so this is a net under them. */
const REPLY_MAX_BYTES = 512 * 1024;
const DETAIL_MAX_LENGTH = 500;
/** What an answer needs of the asker's patience for its way: one that comes later is heard by nobody. */
const WAY_MS = 500;

/**
 * Why a question was not answered. `no-answer`: the service or NATS is away or too slow; `unavailable`: it answers and
 * its database does not; `refused`: it will not, and says why; `failed`: it tried and could not.
 */
export type RequestFailure = 'no-answer' | 'unavailable' | 'refused' | 'failed';

/** A question to another service was not answered. `code` says why. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly code: RequestFailure;

  constructor(code: RequestFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Thrown by a handler that will not do what it is asked. The message goes to whoever asked. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code = 'refused';
}

const Reply = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.enum(['unavailable', 'refused', 'failed']).default('refused'), detail: z.string() }),
]);

/** Ask another service; rejects with RequestFailed when it is away, too slow, or refuses. Never hangs. */
export async function request<Req extends z.ZodType, Rep extends z.ZodType>(
  nats: Nats,
  definition: RequestDefinition<Req, Rep>,
  payload: z.input<Req>,
): Promise<z.output<Rep>> {
  const session = nats.current();
  if (session === undefined || !nats.connected()) throw new RequestFailed('no-answer', 'NATS is not reachable');
  let answer: string;
  try {
    const message = await session.connection.request(definition.subject, JSON.stringify(payload), { timeout: definition.timeoutMs });
    answer = message.string();
  } catch (cause) {
    throw new RequestFailed('no-answer', `nobody answered on ${definition.subject}`, { cause });
  }
  const reply = read(answer, Reply, definition.subject);
  if (!reply.ok) throw new RequestFailed(reply.code, reply.detail);
  return read(JSON.stringify(reply.value), definition.reply, definition.subject);
}

/** What cannot be understood is a failure of whoever answered, such as another version. */
function read<Schema extends z.ZodType>(text: string, schema: Schema, subject: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RequestFailed('failed', `the answer on ${subject} could not be understood`, { cause });
  }
}

/** Answer questions, one replica of the service per question. Returns how to stop. */
export function serve<Req extends z.ZodType, Rep extends z.ZodType>(
  deps: { nats: Nats; log: Log },
  definition: RequestDefinition<Req, Rep>,
  handle: (payload: z.output<Req>) => Promise<z.input<Rep>>,
): () => void {
  const { nats, log } = deps;
  const { subject } = definition;
  let stop: (() => void) | undefined;
  let inFlight = 0;

  async function answer(bytes: Uint8Array): Promise<string> {
    if (inFlight >= IN_FLIGHT_MAX) return no('failed', 'too many questions at once, ask again');
    if (bytes.length > REQUEST_MAX_BYTES) return no('refused', 'the question is too long');
    const payload = definition.request.safeParse(parsed(bytes));
    if (!payload.success) return no('refused', `the question is not valid: ${z.prettifyError(payload.error)}`);
    const done = new AbortController();
    const late = waitMs(definition.timeoutMs - WAY_MS, done.signal).then(() => no('failed', 'it has not finished in time and is still at it'));
    inFlight += 1;
    const work = carryOut(payload.data).finally(() => {
      inFlight -= 1;
      done.abort();
    });
    return Promise.race([work, late]);
  }

  async function carryOut(payload: z.output<Req>): Promise<string> {
    try {
      const text = JSON.stringify({ ok: true, value: definition.reply.parse(await handle(payload)) });
      return Buffer.byteLength(text) > REPLY_MAX_BYTES ? no('failed', 'the answer is too long') : text;
    } catch (error) {
      if (error instanceof RequestRefused) return no('refused', error.message);
      const unavailable = classifyDatabaseError(error) === 'unavailable';
      log.warn({ err: error, subject }, 'a request could not be answered');
      return unavailable ? no('unavailable', 'its database does not answer') : no('failed', 'it tried and failed, its log says why');
    }
  }

  // The client keeps subscriptions over reconnects, so one is enough.
  const listen = (): void => {
    const connection = nats.current()?.connection;
    if (connection === undefined || stop !== undefined) return;
    const subscription = connection.subscribe(subject, {
      queue: 'replicas',
      callback: (error, message) => {
        if (error !== null) return;
        void answer(message.data)
          .then((reply) => message.respond(reply))
          // The connection may have ended meanwhile; whoever asked has a deadline.
          .catch((cause: unknown) => log.debug({ err: cause, subject }, 'an answer could not be sent'));
      },
    });
    stop = () => subscription.unsubscribe();
  };
  const unlisten = nats.onConnect(listen);
  listen();
  return () => {
    unlisten();
    stop?.();
  };
}

const no = (code: Exclude<RequestFailure, 'no-answer'>, detail: string): string => JSON.stringify({ ok: false, code, detail: detail.slice(0, DETAIL_MAX_LENGTH) });

/** Undefined, which no contract takes, when it is no JSON. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
