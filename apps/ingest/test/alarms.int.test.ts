import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONFLICT_QUIET_MS, REFUSED_QUIET_MS, REPEAT_AFTER_MS, type Notice } from '../src/alarms/alarms.ts';
import { createRefusals, REFUSAL_WINDOW_MS } from '../src/alarms/refusals.ts';
import { createSilence, START_GRACE_MS } from '../src/alarms/silence.ts';
import { openParts, type Parts } from './database.ts';

let parts: Parts;
beforeAll(async () => {
  parts = await openParts();
});
beforeEach(() => parts.clear());
afterAll(() => parts?.close());

const notice = (change: Partial<Notice> = {}): Notice => ({ kind: 'webhook-conflict', source: 'platform', title: 'T', detail: 'D.', times: 1, ...change });
const raise = (...notices: Notice[]) => parts.db.transaction((tx) => parts.alarms.notice(tx, notices, parts.clock.now()));
const settle = () => parts.db.transaction((tx) => parts.alarms.resolveQuiet(tx, parts.clock.now()));

describe('an open alert', () => {
  it('is told at once, then counted, then told again with the count, then resolved once', async () => {
    await raise(notice(), notice());
    await raise(notice());
    expect(await parts.told()).toEqual(['firing webhook-conflict:platform']);
    parts.clock.advance(REPEAT_AFTER_MS['webhook-conflict']);
    await raise(notice());
    expect(await parts.told()).toHaveLength(2);
    const [last] = await parts.sql<{ body: string }>(`SELECT body FROM outbox ORDER BY id DESC LIMIT 1`);
    expect(last!.body).toContain('4 times since it began');
    parts.clock.advance(CONFLICT_QUIET_MS);
    expect(await settle()).toBe(0);
    parts.clock.advance(1);
    expect(await settle()).toBe(1);
    expect(await settle()).toBe(0);
    expect((await parts.told()).at(-1)).toBe('resolved webhook-conflict:platform');
  });

  it('is one for two replicas that see it at once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, index) => raise(notice({ source: `s${index % 2}` }), notice({ source: `s${(index + 1) % 2}` }))));
    expect((await parts.told()).sort()).toEqual(['firing webhook-conflict:s0', 'firing webhook-conflict:s1']);
  });
});

describe('refusals', () => {
  const replica = () => createRefusals({ ...parts });

  it('are an alert when there are five of one kind within five minutes, over all replicas', async () => {
    const [one, two] = [replica(), replica()];
    for (let count = 0; count < 2; count += 1) one.record('platform', 'no-matching-signature');
    for (let count = 0; count < 2; count += 1) two.record('platform', 'no-matching-signature');
    two.record('platform', 'timestamp-too-old');
    await Promise.all([one.flush(), two.flush()]);
    expect(await parts.told()).toEqual([]);
    parts.clock.advance(REFUSAL_WINDOW_MS - 1);
    one.record('platform', 'no-matching-signature');
    await one.flush();
    expect(await parts.told()).toEqual(['firing webhook-refused:platform:no-matching-signature']);
  });

  it('are none when they are further apart', async () => {
    const refusals = replica();
    for (let count = 0; count < 4; count += 1) refusals.record('platform', 'missing-header');
    await refusals.flush();
    parts.clock.advance(REFUSAL_WINDOW_MS + 1);
    refusals.record('platform', 'missing-header');
    await refusals.flush();
    expect(await parts.told()).toEqual([]);
    expect(await parts.sql('SELECT FROM refusal')).toHaveLength(1);
  });

  it('cost no more rows when there are thousands', async () => {
    const refusals = replica();
    for (let count = 0; count < 5000; count += 1) refusals.record('-', 'unknown-source');
    await refusals.flush();
    expect(await parts.sql('SELECT FROM refusal')).toHaveLength(5);
    expect(await parts.told()).toEqual(['firing webhook-refused:-:unknown-source']);
    parts.clock.advance(REFUSED_QUIET_MS + 1);
    await settle();
    expect(await parts.told()).toEqual(['firing webhook-refused:-:unknown-source', 'resolved webhook-refused:-:unknown-source']);
  });

  it('are kept for the next try when the database is away', async () => {
    const refusals = replica();
    for (let count = 0; count < 5; count += 1) refusals.record('platform', 'missing-header');
    await parts.sql('ALTER TABLE refusal RENAME TO away');
    await expect(refusals.flush()).rejects.toThrow();
    await parts.sql('ALTER TABLE away RENAME TO refusal');
    await refusals.flush();
    expect(await parts.told()).toEqual(['firing webhook-refused:platform:missing-header']);
  });
});

describe('silence', () => {
  const sources = [
    { id: 'chatty', silentAfterMs: 60_000 },
    { id: 'quiet', silentAfterMs: 3_600_000 },
    { id: 'unwatched', silentAfterMs: undefined },
  ];
  const watch = (list = sources) => createSilence({ ...parts, sources: () => list });

  it('is told once, and resolved when the source speaks', async () => {
    const silence = watch();
    await silence.look();
    parts.clock.advance(61_000);
    silence.heard('quiet', parts.clock.now());
    await silence.look();
    await silence.look();
    expect(await parts.told()).toEqual(['firing source-silent:chatty']);
    expect(await parts.sql(`SELECT body::json #>> '{data,severity}' AS severity FROM outbox`)).toEqual([{ severity: 'critical' }]);
    silence.heard('chatty', parts.clock.now());
    await silence.look();
    expect(await parts.told()).toEqual(['firing source-silent:chatty', 'resolved source-silent:chatty']);
  });

  it('survives a restart, and another replica breaks it', async () => {
    await watch().look();
    parts.clock.advance(2 * 3_600_000);
    const restarted = watch();
    await restarted.look();
    expect(await parts.told()).toEqual([]);
    parts.clock.advance(START_GRACE_MS + 1);
    const other = watch();
    other.heard('chatty', parts.clock.now());
    await other.look();
    await restarted.look();
    expect(await parts.told()).toEqual(['firing source-silent:quiet']);
  });

  it('does not end because another replica starts, which calls nobody silent yet', async () => {
    const silence = watch();
    await silence.look();
    parts.clock.advance(61_000);
    silence.heard('quiet', parts.clock.now());
    await silence.look();
    parts.clock.advance(3_600_001);
    await watch().look();
    expect(await parts.told()).toEqual(['firing source-silent:chatty']);
    await silence.look();
    expect(await parts.told()).toEqual(['firing source-silent:chatty', 'firing source-silent:quiet']);
  });

  it('ends with the source itself', async () => {
    const silence = watch();
    await silence.look();
    parts.clock.advance(61_000);
    await silence.look();
    await watch([]).look();
    expect((await parts.told()).at(-1)).toBe('resolved source-silent:chatty');
    expect(await parts.sql('SELECT FROM source_state')).toHaveLength(0);
  });
});
