// Whatever comes in, ingest answers with a documented status and a problem, stays up, and takes the good webhooks
// that come in beside it.
import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { ProblemDetails } from '@schoolbell/contracts';
import { startNats, testDatabase, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, nextId, send, signedHeaders, startTestIngest, type TestIngest } from '../ingest.ts';
import { signedCase, unsignedCase, type Case, type PlainCase, type RawCase, type SignedCase } from './mutations.ts';

const RUNS = 200;
const SIGNED_PER_RUN = 26;
const UNSIGNED_PER_RUN = 26;
const GOOD_PER_RUN = 4;
const GOOD_MAX_MS = 5000;
/** Every status that the endpoint documents, and how often it must have been seen. */
const DOCUMENTED = [202, 400, 401, 404, 409, 413, 415, 422, 429, 503];
const SEEN_MIN = 50;

let database: TestDatabase;
let nats: RunningNats;
let ingest: TestIngest;
let withoutDatabase: TestIngest;

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase('ingest'), startNats()]);
  ingest = await startTestIngest({ databaseUrl: database.url('ingest'), natsUrl: nats.url });
  withoutDatabase = await startTestIngest({ databaseUrl: 'postgresql://nobody:nothing@127.0.0.1:9/nowhere', natsUrl: nats.url });
});
afterAll(async () => {
  await withoutDatabase?.stop();
  await ingest?.stop();
  await nats?.stop();
  await database?.drop();
});

const seen = new Map<number, number>();
let requests = 0;
let headerParserErrors = 0;

function count(status: number): void {
  requests += 1;
  seen.set(status, (seen.get(status) ?? 0) + 1);
}

async function check(response: Response, allowed: readonly number[]): Promise<void> {
  const text = await response.text();
  count(response.status);
  expect(allowed, `${response.status} ${text.slice(0, 300)}`).toContain(response.status);
  const type = response.headers.get('content-type');
  if (response.status === 202) return expect(type).toBe('application/json; charset=utf-8');
  expect(type).toMatch(/^application\/problem\+json/);
  expect(ProblemDetails.parse(JSON.parse(text))).toMatchObject({ status: response.status });
}

async function sendSigned(item: SignedCase, usedId: string): Promise<void> {
  const id = item.reuseId ? usedId : nextId();
  const headers = { 'content-type': 'application/json', ...signedHeaders(id, item.body, ingest.clock.now()) };
  await check(await fetch(`${ingest.url}/v1/webhooks/${item.target}`, { method: 'POST', headers, body: item.body }), item.allowed);
}

async function sendPlain({ method, path, headers, body, allowed }: PlainCase): Promise<void> {
  await check(await fetch(`${ingest.url}${path}`, { method, headers, ...(body && { body }) }), allowed);
}

/** Every answer on the socket must be a problem; an unfinished request that was hung up on has none. */
function sendRaw({ bytes }: RawCase): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(ingest.url).port), host: '127.0.0.1' });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.setTimeout(15_000, () => reject(new Error(`no end to ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`)));
    socket.on('close', () => {
      const answer = Buffer.concat(chunks).toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
      count(Number(status ?? 0));
      if (status === undefined && answer === '') return resolve();
      if (/^4\d\d$/.test(status ?? '') && /content-type: application\/problem\+json/i.test(answer)) {
        headerParserErrors += answer.includes('request-malformed') || answer.includes('headers-too-large') ? 1 : 0;
        return resolve();
      }
      reject(new Error(`${JSON.stringify(Buffer.from(bytes).toString('latin1'))} was answered ${JSON.stringify(answer.slice(0, 300))}`));
    });
    socket.end(bytes);
  });
}

async function sendGood(): Promise<void> {
  const startedMs = performance.now();
  expect(await send(ingest, completed(ingest.clock.now()))).toMatchObject({ status: 202, body: { duplicate: false } });
  expect(performance.now() - startedMs).toBeLessThan(GOOD_MAX_MS);
}

describe('bad input', () => {
  it('is always a documented problem, and good webhooks beside it are taken', async () => {
    const seed = Number(process.env['BAD_INPUT_SEED'] ?? randomInt(2 ** 31 - 1));
    console.info(`bad input: BAD_INPUT_SEED=${seed}`);
    const usedId = nextId();
    expect((await send(ingest, completed(ingest.clock.now()), { id: usedId })).status).toBe(202);
    const one = (item: Case): Promise<void> => {
      if (item.kind === 'signed') return sendSigned(item, usedId);
      return item.kind === 'plain' ? sendPlain(item) : sendRaw(item);
    };
    const many = (arbitrary: fc.Arbitrary<Case>, length: number) => fc.array(arbitrary, { minLength: length, maxLength: length });
    await fc.assert(
      fc.asyncProperty(many(signedCase, SIGNED_PER_RUN), many(unsignedCase, UNSIGNED_PER_RUN), async (signed, unsigned) => {
        await Promise.all([...signed, ...unsigned].map(one).concat(Array.from({ length: GOOD_PER_RUN }, sendGood)));
      }),
      { seed, numRuns: RUNS, endOnFailure: true },
    );
    expect(requests).toBeGreaterThanOrEqual(10_000);
    expect(ingest.errors).toEqual([]);
  }, 240_000);

  it('is 503, with a time to come again, only when it cannot be committed', async () => {
    const sent = await Promise.all(Array.from({ length: SEEN_MIN }, (_, index) => send(withoutDatabase, index % 2 === 0 ? completed(withoutDatabase.clock.now()) : { type: 'junk' })));
    for (const { status, type, headers } of sent) {
      count(status);
      expect([status, type, headers.get('retry-after')]).toEqual([503, 'application/problem+json', '2']);
    }
  });

  it('has been seen in every documented kind', () => {
    const counted = Object.fromEntries(DOCUMENTED.map((status) => [status, seen.get(status) ?? 0]));
    console.info(`bad input: ${JSON.stringify({ requests, headerParserErrors, ...Object.fromEntries([...seen].sort(([a], [b]) => a - b)) })}`);
    for (const status of DOCUMENTED) expect(counted[status], `status ${status}`).toBeGreaterThanOrEqual(SEEN_MIN);
    expect(headerParserErrors).toBeGreaterThanOrEqual(SEEN_MIN);
    for (const status of seen.keys()) if (status >= 500) expect(status).toBe(503);
  });
});
