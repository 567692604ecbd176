import { createDatabase, createLogger, createMetrics } from '@schoolbell/service-kit';
import { startNats, startTelegram, testDatabase, waitFor, type RunningNats, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProblemLedger } from '../src/problems/ledger.ts';
import { EVENT_EXPIRES_AFTER_MS } from '../src/problems/policy.ts';
import { alertsIn, firing, firstLine, resolved, shiftingClock, startReporter, startTestNotifier, sum, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';

const MINUTE_MS = 60_000;

let database: TestDatabase;
let nats: RunningNats;
let telegram: TelegramStandIn;
let clock: ShiftingClock;
let reporter: Reporter;
let notifier: TestNotifier;

beforeEach(async () => {
  clock = shiftingClock();
  [database, nats, telegram] = await Promise.all([testDatabase(['ingest', 'notifier']), startNats(), startTelegram({ clock })]);
  reporter = startReporter({ databaseUrl: database.url('ingest'), natsUrl: nats.url, clock });
  // With buttons: whatever else they do, they cost no message.
  notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, clock, users: [{ id: 7, name: 'Anna' }] });
});

afterEach(async () => {
  await Promise.all([reporter.stop(), notifier.stop()]);
  await Promise.all([database.drop(), nats.stop(), telegram.stop()]);
});

const texts = (): string[] => telegram.messages.map(({ text }) => text);
const told = (count: number): Promise<true> => waitFor(`${count} messages`, () => telegram.messages.length >= count);
const problems = () => notifier.sql<{ fingerprint: string; state: string; total: number; untold: number }>('SELECT fingerprint, state, total, untold FROM problem WHERE total > 0 ORDER BY id');
const stored = (count: number): Promise<true> => waitFor(`${count} alerts stored`, async () => (await notifier.sql(`SELECT 1 FROM alert WHERE fingerprint NOT LIKE 'configuration-%'`)).length >= count);

describe('an alert', () => {
  it('is told at once, then counted, then told to be over', async () => {
    await reporter.raise(firing('platform'));
    await told(1);
    expect(texts()[0]).toContain('🔴 critical · source-silent · ingest · 1 alert\nThe source platform is silent\nNothing came from platform for an hour.');

    for (let count = 0; count < 5; count += 1) await reporter.raise(firing('platform'));
    await stored(6);
    expect(telegram.messages).toHaveLength(1);
    clock.shift(MINUTE_MS);
    await told(2);
    expect(firstLine(texts()[1]!)).toBe('🔴 still critical · source-silent · ingest · 5 more alerts');

    await reporter.raise(resolved('platform'), resolved('platform'));
    await told(3);
    expect(firstLine(texts()[2]!)).toBe('✅ resolved · source-silent · ingest · 0 more alerts');
    clock.shift(10 * MINUTE_MS);
    await reporter.raise(firing('other'));
    await told(4);
    expect(texts().filter((text) => text.includes('resolved'))).toHaveLength(1);
    expect(await problems()).toMatchObject([
      { fingerprint: 'source-silent:platform', state: 'resolved', total: 6, untold: 0 },
      { fingerprint: 'source-silent:other', state: 'firing', total: 1 },
    ]);
  });

  it('that is delivered again is counted once', async () => {
    await reporter.raise(firing('platform'));
    await told(1);
    // The stream gets the same event under another message id, as after a repair.
    const [row] = await reporter.db.query<{ body: string }>({ name: 'test_outbox', text: 'SELECT body FROM outbox WHERE body LIKE \'%source-silent%\'' }, []);
    await reporter.publish(row!.body);
    await reporter.raise(firing('other'));
    await told(2);
    expect(await problems()).toMatchObject([{ total: 1, untold: 0 }, { total: 1 }]);
  });

  it('whose effect was committed before a crash, and whose acknowledgement was not, is counted once', async () => {
    await notifier.stop();
    await reporter.raise(firing('platform'), firing('platform'));
    const rows = await waitFor('both published', async () => {
      const found = await reporter.db.query<{ body: string }>({ name: 'test_published', text: 'SELECT body FROM outbox WHERE id IN (SELECT unnest(ids) FROM publication WHERE stream = outbox.stream) AND body LIKE \'%source-silent%\' ORDER BY id' }, []);
      return found.length === 2 && found;
    });
    // What the replica did before it died: the first event is committed, nothing is acknowledged.
    const event = JSON.parse(rows[0]!.body) as { id: string; data: never };
    const db = createDatabase({ url: database.url('notifier'), schema: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }), metrics: createMetrics('notifier') });
    const ledger = createProblemLedger({ audience: () => ({ chats: ['1'], escalation: [] }), escalateAfterMs: () => 900_000 });
    await db.transaction((tx) => ledger.take(tx, [{ eventId: event.id, sighting: { alert: event.data, atMs: clock.now(), level: false } }], clock.now()));
    await db.close();

    notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, clock });
    await stored(2);
    await told(1);
    expect(await problems()).toMatchObject([{ total: 2 }]);
    expect(telegram.messages).toHaveLength(1);
  });

  it('that cannot be understood is parked, told, and does not hold up the others', async () => {
    await reporter.publish('this is no event');
    await reporter.publish(JSON.stringify({ specversion: '1.0', id: 'e-9', source: '/x', type: 'alerts.raised.v9', time: '2026-11-21T05:30:00.000Z', data: {} }));
    await reporter.raise(firing('platform', { detail: 'a NUL \u0000 and half a pair \ud83d are no reason' }));
    await waitFor('all three are told', () => sum(texts().map(alertsIn)) === 3);
    const all = texts().join('\n');
    expect(all).toContain('Events of notifier-alerts-ingest could not be handled (not-json)');
    expect(all).toContain('Events of notifier-alerts-ingest could not be handled (unknown-type)');
    expect(all).toContain('are no reason');
    expect((await notifier.get('/v1/dead-letters')).body.items).toHaveLength(2);
  });

  it('that comes after its own end does not begin the trouble again', async () => {
    const event = (id: string, alert: object, time: string) =>
      JSON.stringify({ specversion: '1.0', id, source: '/schoolbell/ingest', type: 'alerts.raised.v1', time, data: { ...alert, service: 'ingest', labels: {} } });
    await reporter.raise(firing('first'));
    await told(1);
    await reporter.publish(event('e-2', resolved('late'), '2026-11-21T05:31:00.000Z'));
    await reporter.publish(event('e-1', firing('late'), '2026-11-21T05:30:00.000Z'));
    await told(2);
    expect(firstLine(texts()[1]!)).toBe('✅ came and went · source-silent · ingest · 1 alert');
    expect(await problems()).toMatchObject([{ state: 'firing' }, { fingerprint: 'source-silent:late', state: 'resolved', untold: 0 }]);
  });
});

describe('after a day of silence', () => {
  it('an event counts as over, and a state stays open until its producer says otherwise', async () => {
    const kinds = ['dead-letter', 'stream-lost', 'mail-given-up', 'mail-refused', 'summary-parked', 'webhook-invalid', 'webhook-refused', 'webhook-conflict', 'configuration-refused'] as const;
    await reporter.raise(...kinds.map((kind) => firing(kind, { kind, fingerprint: `${kind}:x` })));
    await waitFor('all are told', async () => (await notifier.sql(`SELECT 1 FROM problem WHERE told = 'firing'`)).length === kinds.length);
    clock.shift(EVENT_EXPIRES_AFTER_MS + MINUTE_MS);
    await waitFor('the events are over', async () => (await problems()).filter(({ state }) => state === 'resolved').length === 4);
    const open = (await problems()).filter(({ state }) => state === 'firing').map(({ fingerprint }) => fingerprint);
    expect(open).toEqual(kinds.slice(4).map((kind) => `${kind}:x`));
    await reporter.raise(resolved('summary-parked', { kind: 'summary-parked', fingerprint: 'summary-parked:x' }));
    await waitFor('its end is told', () => texts().some((text) => firstLine(text).startsWith('✅ resolved · summary-parked')));
  });
});

describe('a flood', () => {
  it.each([
    ['of one problem', 1],
    ['of thousands of problems', 5_000],
  ])('%s becomes at most 20 messages whose counts add up', async (_name, different) => {
    const alerts = Array.from({ length: 10_000 }, (_, index) => firing(`s-${index % different}`, { severity: 'warning' }));
    for (let chunk = 0; chunk < 10; chunk += 1) {
      await reporter.raise(...alerts.slice(chunk * 1_000, (chunk + 1) * 1_000));
      await stored((chunk + 1) * 1_000);
      clock.shift(6_000);
    }
    const everything = async (): Promise<boolean> => {
      clock.shift(1_000);
      return sum(texts().map(alertsIn)) >= 10_000;
    };
    await waitFor('all alerts are told', everything);
    expect(sum(texts().map(alertsIn))).toBe(10_000);
    expect(telegram.messages.length).toBeLessThanOrEqual(20);
    expect(telegram.requests.filter(({ status }) => status !== 200)).toEqual([]);
    expect(telegram.messages.every(({ keyboard }) => keyboard.flat().length > 0)).toBe(true);
    expect(await notifier.sql('SELECT 1 FROM notice WHERE message_id IS NULL')).toEqual([]);
  });
});

describe('the list', () => {
  it('shows problems in pages, filtered, with their history', async () => {
    await reporter.raise(firing('a'), firing('b', { severity: 'warning' }), firing('c'), resolved('c'));
    await stored(4);
    const first = await notifier.get('/v1/alerts?limit=2');
    expect(first.body.items.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).toEqual(['source-silent:c', 'source-silent:b']);
    const second = await notifier.get(`/v1/alerts?limit=2&after=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ fingerprint: 'source-silent:a', alerts: 1 }], next: null });
    expect((await notifier.get('/v1/alerts?state=firing&severity=critical')).body.items).toHaveLength(1);
    const one = await notifier.get(`/v1/alerts/${first.body.items[0].id}`);
    expect(one.body).toMatchObject({ state: 'resolved', history: [{ state: 'resolved' }, { state: 'firing' }] });
    expect((await notifier.get('/v1/alerts/999999')).status).toBe(404);
    expect((await notifier.get('/v1/alerts?kind=nonsense')).status).toBe(400);
    expect((await fetch(`${notifier.url}/v1/alerts`)).status).toBe(401);
  });
});
