import { rm } from 'node:fs/promises';
import { ingestResultStream } from '@schoolbell/contracts';
import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { ManualClock, systemClock, type Clock } from '@schoolbell/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptIds, createListener, createTalker, type Listener, type Talker } from './harness.ts';


/** Promise 1: what is committed is told, whatever becomes of JetStream. */
describe('relay', () => {
  let database: TestDatabase;
  let nats: RunningNats;
  const running: { stop(): Promise<void> }[] = [];

  beforeEach(async () => {
    [database, nats] = await Promise.all([testDatabase(['ingest', 'results']), startNats()]);
  });
  afterEach(async () => {
    for (const part of running.splice(0).reverse()) await part.stop();
    await Promise.all([database.drop(), nats.stop()]);
  });

  function teller(options: { clock?: Clock } = {}): Talker {
    const talker = createTalker({ service: 'ingest', databaseUrl: database.url('ingest'), natsUrl: nats.url, ...options });
    running.push(talker);
    talker.messaging.start();
    return talker;
  }
  function listener(): Listener {
    const listening = createListener({ databaseUrl: database.url('results'), natsUrl: nats.url });
    running.push(listening);
    return listening;
  }
  const hears = (listening: Listener, ids: readonly string[]) =>
    waitFor(`${ids.length} events heard`, () => ids.every((id) => listening.heard.has(id)));
  const epochOf = async (talker: Talker): Promise<string | undefined> => {
    const statement = { name: 'test_epoch', text: 'SELECT epoch::text AS epoch FROM stream_state WHERE stream = $1' };
    return (await talker.db.query<{ epoch: string }>(statement, [ingestResultStream.name]))[0]?.epoch;
  };
  const floorOf = async (talker: Talker): Promise<number> => {
    const statement = { name: 'test_floor', text: 'SELECT floor::int AS floor FROM stream_state WHERE stream = $1' };
    return (await talker.db.query<{ floor: number }>(statement, [ingestResultStream.name]))[0]?.floor ?? 0;
  };

  const lastSequence = async (talker: Talker): Promise<number> => {
    // Publications that are confirmed are forgotten in time; before, their sequences are the record.
    const statement = { name: 'test_last_sequence', text: 'SELECT greatest(max(seq), max(last_seq))::int AS last FROM stream_state LEFT JOIN publication USING (stream, epoch) WHERE stream = $1' };
    return (await talker.db.query<{ last: number }>(statement, [ingestResultStream.name]))[0]?.last ?? Infinity;
  };

  it('tells every committed event, in batches larger than a pipeline run', async () => {
    const ids = attemptIds('once', 1_500);
    const talker = teller();
    const listening = listener();
    await talker.tell(ids);
    await hears(listening, ids);
    await waitFor('all rows are in a publication', async () => (await talker.pending()) === 0);
  });

  it('tells what is offered without looking it up, once, and finds what was committed beside it', async () => {
    const talker = teller();
    const listening = listener();
    const first = attemptIds('first', 1);
    await talker.tell(first);
    await hears(listening, first);
    const offered = Array.from({ length: 40 }, (_, round) => attemptIds(`offered-${round}`, 5));
    const silent = attemptIds('silent', 20);
    for (const [round, ids] of offered.entries()) {
      await talker.tellAndOffer(ids);
      if (round % 10 === 0) await talker.tellSilently(silent.slice(round / 2, round / 2 + 5));
    }
    await hears(listening, [...offered.flat(), ...silent]);
    await waitFor('all rows are in a publication', async () => (await talker.pending()) === 0);
    const twice = { name: 'test_twice', text: 'SELECT count(*)::int AS count FROM (SELECT id FROM publication, unnest(ids) AS id GROUP BY id HAVING count(*) > 1) AS repeated' };
    expect((await talker.db.query<{ count: number }>(twice, []))[0]?.count).toBe(0);
  });

  it('looks for what was offered beyond its bound as soon as the rest is told', async () => {
    const talker = teller({ clock: new ManualClock(systemClock.now()) });
    const listening = listener();
    const first = attemptIds('first', 1);
    await talker.tell(first);
    await hears(listening, first);
    const many = attemptIds('many', 6_000);
    await talker.tellAndOffer(many);
    await hears(listening, many);
  });

  it('tells what was committed while nobody published', async () => {
    const ids = attemptIds('before', 20);
    const silent = createTalker({ service: 'ingest', databaseUrl: database.url('ingest'), natsUrl: nats.url });
    await silent.tell(ids);
    await silent.stop();
    const listening = listener();
    teller();
    await hears(listening, ids);
  });

  it('has one leader of two replicas, and the other takes over when it stops', async () => {
    const [first, second] = [teller(), teller()];
    const listening = listener();
    const early = attemptIds('early', 50);
    await Promise.all([first.tell(early.slice(0, 25)), second.tell(early.slice(25))]);
    await hears(listening, early);
    const leaders = { name: 'test_leaders', text: "SELECT count(*)::int AS count FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted AND application_name = 'ingest relay' AND datname = current_database()" };
    expect((await second.db.query<{ count: number }>(leaders, []))[0]?.count).toBe(1);
    await running.splice(running.indexOf(first), 1)[0]!.stop();
    const late = attemptIds('late', 50);
    await second.tell(late);
    await hears(listening, late);
  });

  it('starts before NATS and delivers when it comes', async () => {
    await nats.stop();
    const talker = teller();
    const ids = attemptIds('patient', 10);
    await talker.tell(ids);
    await nats.restart();
    const listening = listener();
    await hears(listening, ids);
  });

  it('loses nothing when the data directory is deleted under the running server', async () => {
    const talker = teller();
    const listening = listener();
    const before = attemptIds('before', 200);
    await talker.tell(before);
    await hears(listening, before);
    const firstEpoch = await epochOf(talker);
    await rm(nats.dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 });
    // Acknowledged by the server, and stored nowhere that survives.
    const during = attemptIds('during', 200);
    await talker.tell(during);
    await nats.kill('SIGKILL');
    const away = attemptIds('away', 100);
    await talker.tell(away);
    await nats.restart();
    const after = attemptIds('after', 100);
    await talker.tell(after);
    await hears(listening, [...during, ...away, ...after]);
    expect(await epochOf(talker)).not.toBe(firstEpoch);
    const told = { name: 'test_told', text: "SELECT body::json #>> '{data,fingerprint}' AS fingerprint FROM outbox WHERE stream = 'ALERTS_INGEST'" };
    await waitFor('both losses are told, and the alerts are kept until then', async () => {
      const fingerprints = (await talker.db.query<{ fingerprint: string }>(told, [])).map(({ fingerprint }) => fingerprint);
      return ['stream-lost:INGEST_RESULT', 'stream-lost:ALERTS_INGEST'].every((one) => fingerprints.includes(one));
    });
  });

  it('makes room in a full stream by what is confirmed', async () => {
    const talker = teller();
    const listening = listener();
    const before = attemptIds('before', 200);
    await talker.tell(before);
    await hears(listening, before);
    const epoch = await epochOf(talker);
    const { streams } = talker.messaging.nats.current()!.manager;
    await streams.update(ingestResultStream.name, { max_bytes: (await streams.info(ingestResultStream.name)).state.bytes });
    const after = attemptIds('after', 200);
    await talker.tell(after);
    await hears(listening, after);
    expect(await epochOf(talker)).toBe(epoch);
    expect((await streams.info(ingestResultStream.name)).state.first_seq).toBeGreaterThan(1);
  });

  it('leaves a stream that is full as it is, and goes on when there is room', async () => {
    const talker = teller();
    const listening = listener();
    const before = attemptIds('before', 10);
    await talker.tell(before);
    await hears(listening, before);
    const epoch = await epochOf(talker);
    const { streams } = talker.messaging.nats.current()!.manager;
    const { max_bytes: enough } = (await streams.info(ingestResultStream.name)).config;
    await streams.update(ingestResultStream.name, { max_bytes: 1 });
    const waiting = attemptIds('waiting', 10);
    await talker.tell(waiting);
    // More rounds than a stream that refuses everything is given.
    const rounds = await talker.refusals();
    await waitFor('it was tried again and again', async () => (await talker.refusals()) >= rounds + 12);
    await streams.update(ingestResultStream.name, { max_bytes: enough });
    await hears(listening, waiting);
    expect(await epochOf(talker)).toBe(epoch);
  });

  it('loses nothing when the data directory is deleted and nobody restarts the server', async () => {
    const talker = teller();
    const listening = listener();
    const before = attemptIds('before', 50);
    await talker.tell(before);
    await hears(listening, before);
    await rm(nats.dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 });
    const during = attemptIds('during', 700);
    for (let from = 0; from < during.length; from += 100) await talker.tell(during.slice(from, from + 100));
    await hears(listening, during);
  });

  it('after a loss publishes again what no durable confirmed, and not what was confirmed', async () => {
    const talker = teller();
    const first = listener();
    const confirmed = attemptIds('confirmed', 100);
    await talker.tell(confirmed);
    await hears(first, confirmed);
    await waitFor('the durable has confirmed', async () => (await floorOf(talker)) >= (await lastSequence(talker)));
    await running.splice(running.indexOf(first), 1)[0]!.stop();
    const unheard = attemptIds('unheard', 50);
    await talker.tell(unheard);
    await waitFor('they are published', async () => talker.pending().then((count) => count === 0));
    await nats.kill('SIGKILL');
    await rm(nats.dataDirectory, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 });
    await nats.restart();
    const second = listener();
    await hears(second, unheard);
    expect([...second.heard.keys()].filter((id) => id.startsWith('confirmed'))).toEqual([]);
  });

  it('makes a stream anew that somebody else deleted', async () => {
    const talker = teller();
    const listening = listener();
    const before = attemptIds('before', 10);
    await talker.tell(before);
    await hears(listening, before);
    await talker.messaging.nats.current()!.manager.streams.delete(ingestResultStream.name);
    const after = attemptIds('after', 10);
    await talker.tell(after);
    await hears(listening, after);
  });

  it('publishes past a message that somebody else put into the stream', async () => {
    const talker = teller();
    const listening = listener();
    const before = attemptIds('before', 5);
    await talker.tell(before);
    await hears(listening, before);
    await talker.messaging.nats.current()!.jetstream.publish(ingestResultStream.subjects[0]!.replace('*', 'foreign'), '{}');
    const after = attemptIds('after', 5);
    await talker.tell(after);
    await hears(listening, after);
    expect(await epochOf(talker)).toBeDefined();
  });
});
