import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signedWebhook, startReceiver, TEST_DESTINATION_SECRET, testConfiguration, waitFor, type Answer, type Receiver } from '../src/index.ts';

const totals = { score: 1, maxScore: 2, percent: 50, testsCompleted: 1, testsPassed: 0 };
const summary = (revision: number) => ({
  type: 'learner.summary.updated',
  timestamp: '2026-11-21T05:30:00.000Z',
  data: { organizationId: 'acme', learnerId: 'ann', revision, totals, courses: [], tests: [], lastCompletedAt: null },
});

describe('startReceiver', () => {
  let receiver: Receiver;
  beforeEach(async () => void (receiver = await startReceiver()));
  afterEach(() => receiver.stop());

  const send = (revision: number, more: object = {}) =>
    fetch(receiver.url, { ...signedWebhook({ id: `w-${revision}`, body: summary(revision), secret: TEST_DESTINATION_SECRET }), redirect: 'manual', ...more });

  it('keeps what is newest among what it has taken', async () => {
    receiver.behave((_request, index) => (index === 1 ? { kind: 'status', status: 500 } : { kind: 'status', status: 200 }));
    expect((await send(1)).status).toBe(200);
    expect((await send(2)).status).toBe(500);
    expect(receiver.newest('ann')?.revision).toBe(1);
    expect((await send(3)).status).toBe(200);
    expect(receiver.newest('ann')?.revision).toBe(3);
    expect(receiver.requests).toHaveLength(3);
    expect(receiver.violations).toEqual([]);
  });

  it('notes an older revision after a newer one, and a signature that is not ours', async () => {
    await send(2);
    await send(1);
    await fetch(receiver.url, signedWebhook({ id: 'w-9', body: summary(9) }));
    expect(receiver.violations).toEqual(['revision 1 of ann came after 2', 'signature of w-9 is not valid']);
  });

  it.each<[string, Answer, (response: Promise<Response>) => Promise<void>]>([
    ['redirects', { kind: 'redirect', to: 'http://127.0.0.1:9/' }, async (response) => expect((await response).status).toBe(302)],
    ['asks for a pause', { kind: 'status', status: 429, headers: { 'retry-after': '2' } }, async (response) => expect((await response).headers.get('retry-after')).toBe('2')],
    ['breaks off', { kind: 'reset' }, (response) => expect(response).rejects.toThrow()],
    ['hangs', { kind: 'hang' }, (response) => expect(response).rejects.toThrow(/timeout|aborted/i)],
    ['drips', { kind: 'drip', everyMs: 5 }, (response) => expect(response.then((answer) => answer.text())).rejects.toThrow(/timeout|aborted/i)],
    ['pours', { kind: 'huge', bytes: 200_000 }, async (response) => expect((await (await response).arrayBuffer()).byteLength).toBeGreaterThanOrEqual(200_000)],
  ])('%s on demand', async (_how, answer, check) => {
    receiver.behave(answer);
    const endless = answer.kind === 'hang' || answer.kind === 'drip';
    await check(send(1, { signal: AbortSignal.timeout(endless ? 300 : 20_000) }));
    await waitFor('the request', () => receiver.requests.length === 1);
  });
});

it('makes a configuration that holds together', () => {
  const { file, env } = testConfiguration({ receiverUrl: 'http://127.0.0.1:1234/x', source: { silentAfterMinutes: 5 } });
  expect(file.destinations[0]?.url).toBe('http://127.0.0.1:1234/x');
  expect(file.sources[0]?.silentAfterMinutes).toBe(5);
  const named = JSON.stringify(file).matchAll(/"env":"(\w+)"/g);
  for (const [, name] of named) expect(env[name!]).toBeTruthy();
});
