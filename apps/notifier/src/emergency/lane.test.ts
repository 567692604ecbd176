import type { AlertData } from '@schoolbell/contracts';
import { createLogger } from '@schoolbell/service-kit';
import { seededRandom } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import type { Arrival } from '../problems/ledger.ts';
import { LEVEL_EXPIRES_AFTER_MS } from '../problems/policy.ts';
import { createLane, LANE_PROBLEMS_MAX, type Lane } from './lane.ts';
import { parseSnapshot } from './snapshot.ts';

const NOW_MS = 1_800_000_000_000;
const NOBODY: ReadonlySet<string> = new Set();
const SENT = { kind: 'sent', telegramId: 7 } as const;

const arrival = (fingerprint: string, state: AlertData['state'] = 'firing'): Arrival => ({
  sighting: {
    alert: { fingerprint, kind: 'database-down', state, severity: 'critical', service: 'results', title: `No database (${fingerprint})`, detail: 'refused', labels: {} },
    atMs: NOW_MS,
    level: true,
  },
});
const MINUTE_MS = 60_000;
const create = (chats = ['1'], escalation: string[] = []): Lane => createLane({ audience: () => ({ chats, escalation }), escalateAfterMs: () => 15 * MINUTE_MS, settled: () => undefined, log: createLogger({ service: 'notifier', level: 'silent' }), random: seededRandom(1) });

describe('the lane', () => {
  it('tells each chat once and remembers what was said', async () => {
    const lane = create(['1', '2']);
    lane.take([arrival('a'), arrival('a')], NOW_MS);
    const claims = [await lane.claim(NOW_MS, NOBODY), await lane.claim(NOW_MS, NOBODY)];
    expect(claims.map((claim) => claim?.chatId)).toEqual(['1', '2']);
    expect(await lane.claim(NOW_MS, NOBODY)).toBeUndefined();
    for (const claim of claims) await lane.settle(claim!, SENT, NOW_MS + 100);
    expect(lane.snapshot().spoken.map(({ chatId, alerts }) => [chatId, alerts])).toEqual([['1', 1], ['2', 1]]);
    expect(lane.snapshot().problems).toMatchObject([{ fingerprint: 'a', total: 2, untold: 1, told: 'firing' }]);
  });

  it('says the same words again after a failure, and what came meanwhile after them', async () => {
    const lane = create();
    lane.take([arrival('a')], NOW_MS);
    const first = await lane.claim(NOW_MS, NOBODY);
    await lane.settle(first!, { kind: 'failed', reason: 'down' }, NOW_MS);
    lane.take([arrival('b')], NOW_MS);
    const again = await lane.claim(NOW_MS + 60_000, NOBODY);
    expect(again?.message.text).toBe(first?.message.text);
    await lane.settle(again!, SENT, NOW_MS + 60_000);
    expect((await lane.claim(NOW_MS + 120_000, NOBODY))?.message.text).toContain('No database (b)');
  });

  it('goes on from what the database knew', async () => {
    const lane = create();
    lane.take([arrival('a')], NOW_MS);
    const known = new Map(lane.snapshot().problems.map((problem) => [problem.fingerprint, problem]));
    const later = create();
    later.learn(known);
    expect(later.active()).toBe(false);
    later.take([arrival('a', 'resolved')], NOW_MS + 1_000);
    expect((await later.claim(NOW_MS + 1_000, NOBODY))?.message.text).toContain('✅ resolved');
  });

  it('tells digests, and that nobody reports a problem any more', async () => {
    const lane = create();
    lane.take([arrival('a'), arrival('a')], NOW_MS);
    await lane.settle((await lane.claim(NOW_MS, NOBODY))!, SENT, NOW_MS);
    lane.tick(NOW_MS + 60_000, false);
    const digest = await lane.claim(NOW_MS + 60_000, NOBODY);
    expect(digest?.message.text).toContain('still critical · database-down · results · 1 more alert');
    await lane.settle(digest!, SENT, NOW_MS + 60_000);
    lane.tick(NOW_MS + LEVEL_EXPIRES_AFTER_MS + 60_000, true);
    expect((await lane.claim(NOW_MS + LEVEL_EXPIRES_AFTER_MS + 120_000, NOBODY))?.message.text).toContain('Nobody reports it any more.');
  });

  it('goes to the next chat when nobody could acknowledge for so long, and tells that chat of the end', async () => {
    const lane = create(['1'], ['8']);
    lane.take([arrival('a')], NOW_MS);
    await lane.settle((await lane.claim(NOW_MS, NOBODY))!, SENT, NOW_MS);
    const inChat8 = (nowMs: number) => lane.claim(nowMs, new Set(['1']));
    lane.tick(NOW_MS + 15 * MINUTE_MS - 1, false);
    expect(await inChat8(NOW_MS + 15 * MINUTE_MS)).toBeUndefined();
    lane.tick(NOW_MS + 15 * MINUTE_MS, false);
    const escalated = await inChat8(NOW_MS + 15 * MINUTE_MS);
    expect(escalated?.message.text).toContain('🔴 not acknowledged, critical · database-down · results');
    await lane.settle(escalated!, SENT, NOW_MS + 15 * MINUTE_MS);
    lane.take([arrival('a', 'resolved')], NOW_MS + 16 * MINUTE_MS);
    expect((await inChat8(NOW_MS + 16 * MINUTE_MS))?.message.text).toContain('✅ resolved');
  });

  it('survives in a file', async () => {
    const lane = create();
    lane.take([arrival('a')], NOW_MS);
    const claim = await lane.claim(NOW_MS, NOBODY);
    lane.take([arrival('b')], NOW_MS);
    const heir = create();
    heir.restore(parseSnapshot(JSON.stringify(lane.snapshot()))!);
    expect(heir.active()).toBe(true);
    const inherited = await heir.claim(NOW_MS + 60_000, NOBODY);
    expect(inherited?.message.text).toBe(claim?.message.text);
    expect(heir.snapshot()).toMatchObject({ problems: [{ fingerprint: 'a' }, { fingerprint: 'b' }], waiting: [{ chatId: '1', notices: [{ fingerprint: 'b' }] }] });
  });

  it('forgets what the database has', async () => {
    const lane = create();
    lane.take([arrival('a')], NOW_MS);
    await lane.settle((await lane.claim(NOW_MS, NOBODY))!, SENT, NOW_MS);
    expect(lane.active()).toBe(true);
    lane.clear();
    expect(lane.active()).toBe(false);
  });

  it('is bounded: problems, and notices of a chat that nobody can reach', async () => {
    const lane = create();
    const arrivals = Array.from({ length: LANE_PROBLEMS_MAX + 50 }, (_, index) => arrival(`f-${index}`));
    for (let round = 0; round < 10; round += 1) {
      lane.take(arrivals, NOW_MS + round);
      lane.take(arrivals.map(({ sighting }) => arrival(sighting.alert.fingerprint, 'resolved')), NOW_MS + round);
    }
    const { problems, waiting } = lane.snapshot();
    expect(problems).toHaveLength(LANE_PROBLEMS_MAX);
    expect(waiting[0]!.notices.length).toBeLessThanOrEqual(1_500);
  });
});

describe('parseSnapshot', () => {
  it.each([['nothing', ''], ['half a file', '{"version":1,"problems":['], ['another version', '{"version":2,"problems":[],"waiting":[],"inHand":[],"paces":[],"spoken":[]}'], ['null', 'null']])(
    'takes %s for none',
    (_name, text) => {
      expect(parseSnapshot(text)).toBeUndefined();
    },
  );
});
