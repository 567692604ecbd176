import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestResultStream, VoidData } from '@schoolbell/contracts';
import type { Apply, Sift } from '../src/index.ts';
import { attemptIds, createListener, createTalker, voidOf, type Listener, type Talker } from './harness.ts';


describe('consumer', () => {
  let database: TestDatabase;
  let nats: RunningNats;
  let talker: Talker;
  let listening: Listener | undefined;

  beforeEach(async () => {
    [database, nats] = await Promise.all([testDatabase(['ingest', 'results']), startNats()]);
    talker = createTalker({ service: 'ingest', databaseUrl: database.url('ingest'), natsUrl: nats.url });
    talker.messaging.start();
  });
  afterEach(async () => {
    await listening?.stop();
    await talker.stop();
    await Promise.all([database.drop(), nats.stop()]);
  });

  const listen = (apply: Apply): Listener => (listening = createListener({ databaseUrl: database.url('results'), natsUrl: nats.url, apply }));
  const attemptOf = (event: { data: unknown }): string => VoidData.parse(event.data).attemptId;
  const letters = (on: Listener) =>
    on.db.query<{ code: string; detail: string; state: string; id: string; body: Buffer }>(
      { name: 'test_letters', text: 'SELECT id::text AS id, code, detail, state, body FROM dead_letter ORDER BY event_id' },
      [],
    );
  const hears = (on: Listener, ids: readonly string[]) =>
    waitFor(`${ids.length} events heard`, () => ids.every((id) => on.heard.has(id)));

  it('splits a batch until the one poisonous value stands alone, and parks it', async () => {
    const poison = { name: 'test_poison', text: 'SELECT unnest($1::text[])::bigint' };
    const ids = [...attemptIds('good', 40), 'poison', ...attemptIds('more', 40)];
    const on = listen(async (tx, events) => {
      await tx.query(poison, [events.map((event) => (attemptOf(event) === 'poison' ? 'not a number' : '1'))]);
      return [];
    });
    await talker.tell(ids);
    await hears(on, ids.filter((id) => id !== 'poison'));
    const parked = await waitFor('the poison is parked', async () => {
      const rows = await letters(on);
      return rows.length === 1 ? rows : undefined;
    });
    expect(parked?.[0]).toMatchObject({ code: 'failed-data', state: 'open' });
    expect(on.heard.has('poison')).toBe(false);
  });

  it('replays what works again, also behind what still fails', async () => {
    const poison = { name: 'test_poison', text: 'SELECT unnest($1::text[])::bigint' };
    let poisonous = ['bad-0', 'bad-1', 'bad-2'];
    const on = listen(async (tx, events) => {
      await tx.query(poison, [events.map((event) => (poisonous.includes(attemptOf(event)) ? 'not a number' : '1'))]);
      return [];
    });
    await talker.tell(poisonous);
    await waitFor('all are parked', async () => (await letters(on)).length === 3);
    // The one at the head of the list stays as it is.
    const [first] = await letters(on);
    poisonous = [VoidData.parse(JSON.parse(first!.body.toString()).data).attemptId];
    const wish = { dryRun: false, by: 'test' };
    expect(await on.messaging.operations.replayDeadLetters(wish)).toEqual({ matching: 3, replayed: 2, refused: 1, left: 0 });
    expect((await letters(on)).map(({ code, state }) => `${code} ${state}`).toSorted()).toEqual(['failed-data open', 'failed-data replayed', 'failed-data replayed']);
  });

  it('parks what the handler refuses in the same transaction, and raises one alert', async () => {
    const on = listen((_, events) =>
      Promise.resolve(events.filter((event) => attemptOf(event).startsWith('bad')).map((event) => ({ event, code: 'not-wanted', detail: 'for the test' }))),
    );
    await talker.tell(['good-0', 'bad-0', 'bad-1']);
    await waitFor('both are parked', async () => (await letters(on)).length === 2);
    const [row] = await on.db.query<{ count: number }>(
      { name: 'test_alerts', text: `SELECT count(*)::int AS count FROM outbox WHERE stream = 'ALERTS_RESULTS'` },
      [],
    );
    expect(row?.count).toBeGreaterThanOrEqual(1);
    expect(row?.count).toBeLessThanOrEqual(2);
  });

  it('reads only what comes through the sift, and reads all of it again after the sift has failed', async () => {
    let failing = true;
    const sift: Sift = async (messages) => {
      if (failing) throw new Error('the sift failed');
      return messages.map((bytes) => new TextDecoder().decode(bytes).includes('"wanted-'));
    };
    const on = (listening = createListener({ databaseUrl: database.url('results'), natsUrl: nats.url, sift }));
    // Each told alone is a message of its own.
    for (const id of ['other-0', 'wanted-0', 'other-1', 'wanted-1']) {
      await talker.tell([id]);
      await waitFor('it is told', async () => (await talker.pending()) === 0);
    }
    failing = false;
    await hears(on, ['wanted-0', 'wanted-1']);
    await waitFor('all are acknowledged', async () => {
      const { num_ack_pending, num_pending } = await talker.messaging.nats.current()!.manager.consumers.info(ingestResultStream.name, ingestResultStream.durables[0]!.name);
      return num_ack_pending + num_pending === 0;
    });
    expect([...on.heard.keys()].sort()).toEqual(['wanted-0', 'wanted-1']);
    expect([...on.heard.values()]).toEqual([1, 1]);
  });

  it('lets messages gather until there are enough of them, and gives back what gathers when it stops', async () => {
    const batches: number[] = [];
    const apply: Apply = (_, events) => {
      batches.push(events.length);
      return Promise.resolve([]);
    };
    const atLongLast = { gatherMs: 600_000 };
    const on = (listening = createListener({ databaseUrl: database.url('results'), natsUrl: nats.url, apply, ...atLongLast }));
    const enough = attemptIds('gathered', 128);
    await talker.tell(['to-make-the-stream']);
    const { jetstream } = await waitFor('a session', () => talker.messaging.nats.current());
    await waitFor('it is told', async () => (await talker.pending()) === 0);
    for (const id of enough.slice(1)) {
      const { subject, body } = talker.messaging.outbox.encode(voidOf(id));
      await jetstream.publish(subject, body);
    }
    await hears(on, enough.slice(1));
    expect(batches).toEqual([128]);

    await talker.tell(['late']);
    await waitFor('it gathers', async () => {
      const { num_ack_pending } = await talker.messaging.nats.current()!.manager.consumers.info(ingestResultStream.name, ingestResultStream.durables[0]!.name);
      return num_ack_pending === 1;
    });
    await on.stop();
    expect(on.heard.has('late')).toBe(false);
    const other = (listening = createListener({ databaseUrl: database.url('results'), natsUrl: nats.url, apply }));
    await hears(other, ['late']);
  });

  it('parks what is no event at all, under the hash of its bytes', async () => {
    const on = listen(() => Promise.resolve([]));
    await talker.tell(['first']);
    await hears(on, ['first']);
    const { jetstream } = talker.messaging.nats.current()!;
    const subject = ingestResultStream.subjects[0]!.replace('*', 'voided');
    await jetstream.publish(subject, 'not json');
    await jetstream.publish(subject, new Uint8Array([0xff, 0x00, 0xfe]));
    await jetstream.publish(subject, JSON.stringify({ specversion: '1.0', id: 'v9', source: 's', type: 'ingest.result.voided.v9', time: '2026-11-21T05:30:00Z', data: {} }));
    const rows = await waitFor('three are parked', async () => {
      const found = await letters(on);
      return found.length === 3 ? found : undefined;
    });
    expect(rows?.map(({ code }) => code).sort()).toEqual(['not-json', 'not-json', 'unknown-type']);
  });

  it('delivers again what failed for a passing reason', async () => {
    let failures = 2;
    const on = listen(() => {
      if (failures-- > 0) return Promise.reject(Object.assign(new Error('connection lost'), { code: 'ECONNRESET' }));
      return Promise.resolve([]);
    });
    const ids = attemptIds('again', 10);
    await talker.tell(ids);
    await hears(on, ids);
    expect(await letters(on)).toEqual([]);
  });

  it('goes on after the database was away', async () => {
    const on = listen(() => Promise.resolve([]));
    const before = attemptIds('before', 5);
    await talker.tell(before);
    await hears(on, before);
    await on.db.query({ name: 'test_kill', text: `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()` }, []);
    const after = attemptIds('after', 5);
    await talker.tell(after);
    await hears(on, after);
  });
});
