// Questions between services on a real server: what goes wrong is said, in time, and by whoever was asked.
import type { RequestDefinition } from '@schoolbell/contracts';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, waitFor, type RunningNats } from '@schoolbell/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectNats, request, RequestRefused, serve, type Nats } from '../src/index.ts';

const log = createLogger({ service: 'results', level: 'silent' });
const double = {
  subject: 'request.results.double',
  request: z.object({ number: z.int() }),
  reply: z.object({ number: z.int() }),
  timeoutMs: 1_000,
  description: 'Twice a number.',
} satisfies RequestDefinition;
/** Waits for longer than whoever answers may take, so that it is heard on a busy machine too who gave up first. */
const patient = { ...double, timeoutMs: 40_000 };

let server: RunningNats;
let answering: Nats;
let asking: Nats;
let stop: () => void = () => undefined;

beforeAll(async () => {
  server = await startNats();
  answering = connectNats({ url: server.url, name: 'results', log });
  asking = connectNats({ url: server.url, name: 'notifier', log });
  await waitFor('both are connected', () => answering.connected() && asking.connected());
});
afterEach(() => stop());
afterAll(async () => {
  await Promise.all([answering?.close(), asking?.close()]);
  await server?.stop();
});

/** Listens, and the server knows it. */
async function answers(handle: (payload: { number: number }) => Promise<{ number: number }>): Promise<void> {
  stop = serve({ nats: answering, log }, double, handle);
  await answering.current()?.connection.flush();
}
const ask = (payload: object) => request(asking, patient, payload as { number: number });
const raw = async (bytes: string) => (await asking.current()!.connection.request(double.subject, bytes, { timeout: patient.timeoutMs })).json();

describe('a question', () => {
  it('is answered', async () => {
    await answers(async ({ number }) => ({ number: 2 * number }));
    expect(await ask({ number: 21 })).toEqual({ number: 42 });
  });

  it('that is not valid, no JSON or too long is refused with what is wrong about it', async () => {
    await answers(async ({ number }) => ({ number }));
    await expect(ask({ number: 'x' })).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(/not valid[^]*number/) });
    for (const bytes of ['', '{', 'null', '[]']) expect(await raw(bytes)).toMatchObject({ ok: false, code: 'refused', detail: expect.stringContaining('the question is not valid') });
    expect(await raw(JSON.stringify({ number: 1, filler: 'x'.repeat(70_000) }))).toMatchObject({ ok: false, code: 'refused', detail: 'the question is too long' });
  });

  it('that is refused, fails, or has no database says which', async () => {
    const thrown = new Map<number, Error>([
      [1, new RequestRefused('not today')],
      [2, new Error('a secret of the service')],
      [3, Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ]);
    await answers(async ({ number }) => {
      throw thrown.get(number)!;
    });
    await expect(ask({ number: 1 })).rejects.toMatchObject({ code: 'refused', message: 'not today' });
    await expect(ask({ number: 2 })).rejects.toMatchObject({ code: 'failed', message: 'it tried and failed, its log says why' });
    await expect(ask({ number: 3 })).rejects.toMatchObject({ code: 'unavailable', message: 'its database does not answer' });
  });

  it('that takes too long is answered all the same, and holds its place until it is done', async () => {
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    await answers(async ({ number }) => {
      await finished;
      return { number };
    });
    const slow = Array.from({ length: 16 }, () => expect(ask({ number: 1 })).rejects.toMatchObject({ code: 'failed', message: 'it has not finished in time and is still at it' }));
    await Promise.all(slow);
    await expect(ask({ number: 1 })).rejects.toMatchObject({ code: 'failed', message: 'too many questions at once, ask again' });
    finish();
    await waitFor('there is room again', async () => (await ask({ number: 7 })).number === 7);
  });

  it('that nobody listens to fails', async () => {
    await expect(request(asking, double, { number: 1 })).rejects.toMatchObject({ code: 'no-answer' });
  });
});
