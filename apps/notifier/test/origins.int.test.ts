import { signPersonToken, type Subject } from '@schoolbell/service-kit';
import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { systemClock } from '@schoolbell/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JWT_SECRET, startTestNotifier, TOKEN, type TestNotifier } from './notifier.ts';
import { callAs, openStream } from './people.ts';

const APP = 'https://app.example';
const OTHER = 'https://app.example.evil.example';
const tom: Subject = { id: 'tom', role: 'teacher' };

let database: TestDatabase;
let nats: RunningNats;
let notifier: TestNotifier;

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase(['notifier']), startNats()]);
  notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, configuration: { inbox: { origins: [APP] } } });
}, 60_000);
afterAll(async () => {
  await notifier?.stop();
  await Promise.all([database?.drop(), nats?.stop()]);
});
beforeEach(async () => void (await notifier.configure({}, { inbox: { origins: [APP] } })));

const ask = async (origin: string | undefined, path: string, init: RequestInit = {}) =>
  fetch(`${notifier.url}${path}`, { ...init, headers: { ...(origin === undefined ? {} : { origin }), authorization: `Bearer ${await signPersonToken(tom, JWT_SECRET, systemClock.now(), 3600)}`, ...init.headers } });
const preflight = (origin: string, path: string, method = 'GET') =>
  fetch(`${notifier.url}${path}`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,content-type' } });
const allowed = ({ headers }: { headers: Headers }): string | null => headers.get('access-control-allow-origin');

describe('a page of a listed origin', () => {
  it('asks first, and is told what it may do', async () => {
    for (const [path, method] of [['/v1/inbox?limit=1', 'GET'], ['/v1/inbox/read-all', 'POST'], ['/v1/inbox/wishes', 'PUT']] as const) {
      const answer = await preflight(APP, path, method);
      expect([answer.status, allowed(answer)]).toEqual([204, APP]);
      expect(answer.headers.get('access-control-allow-methods')).toContain(method);
      expect(answer.headers.get('access-control-allow-headers')).toMatch(/authorization.*content-type.*if-match/);
      expect(answer.headers.get('vary')).toMatch(/origin/i);
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
    }
  });
  it('reads answers and errors', async () => {
    const answers = [await ask(APP, '/v1/inbox'), await ask(APP, '/v1/inbox?after=x'), await ask(APP, '/v1/inbox/wishes'), await ask(APP, '/v1/inbox', { headers: { authorization: '' } })];
    expect(answers.map((answer) => [answer.status, allowed(answer), answer.headers.get('vary')])).toEqual([200, 400, 404, 401].map((status) => [status, APP, 'Origin']));
  });
  it('hears the live inbox by a ticket, and why a ticket opens nothing', async () => {
    const { ticket } = (await (await ask(APP, '/v1/inbox/tickets', { method: 'POST' })).json()) as { ticket: string };
    const path = `/v1/inbox/stream?ticket=${ticket}`;
    const stream = await openStream(notifier.url, path, { origin: APP });
    expect([stream.status, stream.type, allowed(stream), stream.headers.get('vary')]).toEqual([200, 'text/event-stream; charset=utf-8', APP, 'Origin']);
    await waitFor('the first count', () => stream.events.length > 0);
    await stream.close();
    const used = await openStream(notifier.url, path, { origin: APP });
    expect([used.status, allowed(used)]).toEqual([401, APP]);
    await used.close();
  });
});

describe('nobody else', () => {
  it('of another origin is allowed anything', async () => {
    for (const origin of [OTHER, 'null', 'http://app.example', `${APP}:8443`, '*']) {
      expect(allowed(await preflight(origin, '/v1/inbox'))).toBeNull();
      expect((await preflight(origin, '/v1/inbox')).status).toBe(405);
      const answer = await ask(origin, '/v1/inbox');
      expect([answer.status, allowed(answer), answer.headers.get('vary')]).toEqual([200, null, 'Origin']);
    }
    const { path } = (await callAs(notifier.url, tom, 'POST', '/v1/inbox/tickets')).body as { path: string };
    const stream = await openStream(notifier.url, path, { origin: OTHER });
    expect([stream.status, allowed(stream)]).toEqual([200, null]);
    await stream.close();
  });
  it('reaches what is not the inbox, from a listed origin either', async () => {
    for (const path of ['/v1/contacts', '/v1/contacts/tom', '/v1/alerts', '/v1/inboxes', '/metrics', '/a/1.x', '/u/x']) {
      const asked = await preflight(APP, path);
      expect([path, allowed(asked), asked.status >= 400]).toEqual([path, null, true]);
      expect(allowed(await ask(APP, path, { headers: { authorization: `Bearer ${TOKEN}` } }))).toBeNull();
    }
  });
  it('is allowed anything while none is listed, from the reload on', async () => {
    expect(allowed(await ask(APP, '/v1/inbox'))).toBe(APP);
    expect(await notifier.configure({}, {})).toBe(true);
    expect((await preflight(APP, '/v1/inbox')).status).toBe(405);
    expect(allowed(await ask(APP, '/v1/inbox'))).toBeNull();
  });
  it('can be listed by a pattern or a page', async () => {
    for (const origin of ['*', 'null', `${APP}/`, `${APP}/page`, 'https://*.example', 'ftp://app.example']) {
      expect(await notifier.configure({}, { inbox: { origins: [origin] } }), origin).toBe(false);
    }
  });
});
