import { RatingMessage } from '@schoolbell/contracts';
import { createOutbox } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { emptyTables, startNats, waitFor } from '@schoolbell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRatingPush } from '../src/ratings/push.ts';
import { openFolding, type Folding } from './folding.ts';
import { startFakeIngest } from './ingest.ts';
import { startTestResults } from './service.ts';
import { completed, voided } from './story.ts';

const MINUTE_MS = 60_000;
/** More than a look of the service, should the first one fail on a busy machine. */
type News = RatingMessage['data'];

let folding: Folding;
let errors: string[];

beforeAll(async () => {
  folding = await openFolding();
});
beforeEach(async () => {
  errors = [];
  await folding.clear();
  await emptyTables(folding.sql, 'rating, rating_told');
});
afterAll(() => folding.close());

/** A replica's push; `wanted` are the minutes of the interval, by organization. */
function pushOf(wanted: Readonly<Record<string, number | undefined>> = { acme: 5 }, changesMax?: number) {
  const { db, clock } = folding;
  const push = createRatingPush({
    db,
    outbox: createOutbox({ service: 'results', clock }),
    organizations: () => Object.entries(wanted).map(([id, everyMinutes]) => ({ id, rating: everyMinutes === undefined ? undefined : { everyMinutes } })),
    clock,
    log: createLogger({ service: 'results', level: 'error', destination: { write: (line) => void errors.push(line) } }),
    ...(changesMax !== undefined && { changesMax }),
  });
  return push;
}

/** What was told since the last call, the organization's rating first. */
async function heard(): Promise<News[]> {
  const rows = await folding.sql<{ body: string }>('DELETE FROM outbox RETURNING body');
  const news = rows.map(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { organizationId: string; courseId?: string; revision: number; body: string } };
    expect(type).toBe('results.rating.updated.v1');
    const message = RatingMessage.parse(JSON.parse(data.body)).data;
    expect({ organizationId: data.organizationId, courseId: data.courseId, revision: data.revision }).toEqual({
      organizationId: message.organizationId,
      courseId: message.courseId,
      revision: message.revision,
    });
    return message;
  });
  return news.sort((a, b) => ((a.courseId ?? '') < (b.courseId ?? '') ? -1 : 1));
}
const ranks = (news: News | undefined) => news?.changes.map(({ learnerId, rank }) => [learnerId, rank]);

describe('changed ranks', () => {
  it('are told of the organization and of each course, and only those that changed', async () => {
    const push = pushOf();
    await folding.tell(completed({ learnerId: 'u-1', score: 20 }), completed({ learnerId: 'u-2', score: 10 }), completed({ learnerId: 'u-3', courseId: 'c-2', score: 5 }));
    expect(await push.tell()).toBe(3);
    const [all, first, second] = await heard();
    expect(all).toEqual({
      organizationId: 'acme',
      revision: 1,
      learners: 3,
      changes: [
        { learnerId: 'u-1', rank: 1, percentile: 83.33, percent: 100 },
        { learnerId: 'u-2', rank: 2, percentile: 50, percent: 50 },
        { learnerId: 'u-3', rank: 3, percentile: 16.67, percent: 25 },
      ],
    });
    expect([first!.courseId, first!.learners, ranks(first)]).toEqual(['c-1', 2, [['u-1', 1], ['u-2', 2]]]);
    expect([second!.courseId, second!.learners, ranks(second)]).toEqual(['c-2', 1, [['u-3', 1]]]);

    folding.clock.advance(5 * MINUTE_MS);
    await folding.tell(completed({ learnerId: 'u-3', courseId: 'c-2', testId: 't-2', score: 19 }));
    expect(await push.tell()).toBe(1);
    const [again] = await heard();
    expect([again!.courseId, again!.revision, ranks(again)]).toEqual([undefined, 2, [['u-3', 2], ['u-2', 3]]]);
  });

  it('are told at most once per interval, and nothing is told when none changed', async () => {
    const push = pushOf();
    await folding.tell(completed());
    expect(await push.tell()).toBe(2);
    await folding.tell(completed({ learnerId: 'u-2' }));
    folding.clock.advance(5 * MINUTE_MS - 1);
    expect(await push.tell()).toBe(0);
    folding.clock.advance(1);
    expect(await push.tell()).toBe(2);
    for (let hour = 0; hour < 3; hour += 1) {
      folding.clock.advance(60 * MINUTE_MS);
      expect(await push.tell()).toBe(0);
    }
    expect((await heard()).map(({ revision }) => revision)).toEqual([1, 2, 1, 2]);
  });

  it('follow an interval that was changed, from the last look on', async () => {
    await folding.tell(completed());
    await pushOf({ acme: 60 }).tell();
    await folding.tell(completed({ learnerId: 'u-2' }));
    folding.clock.advance(10 * MINUTE_MS);
    expect(await pushOf({ acme: 60 }).tell()).toBe(0);
    expect(await pushOf({ acme: undefined }).tell()).toBe(0);
    expect(await pushOf({ acme: 10 }).tell()).toBe(2);
  });

  it('need no interval before the first: an organization without a result is not looked at', async () => {
    const push = pushOf();
    expect(await push.tell()).toBe(0);
    await folding.tell(completed());
    expect(await push.tell()).toBe(2);
  });

  it('say who is in the rating no more', async () => {
    const push = pushOf();
    const result = completed({ learnerId: 'u-2', score: 20 });
    await folding.tell(completed(), result);
    await push.tell();
    await heard();
    await folding.tell(voided(result.data.attemptId));
    folding.clock.advance(5 * MINUTE_MS);
    await push.tell();
    const [all, course] = await heard();
    expect(all).toMatchObject({ learners: 1 });
    expect(all!.changes).toEqual([
      { learnerId: 'u-1', rank: 1, percentile: 50, percent: 85 },
      { learnerId: 'u-2', rank: null, percentile: null, percent: null },
    ]);
    expect(course).toMatchObject({ courseId: 'c-1', changes: all!.changes });
    folding.clock.advance(5 * MINUTE_MS);
    expect(await push.tell()).toBe(0);
  });

  it('are cut at a bound, and the rest follows: nobody waits for ever', async () => {
    const push = pushOf({ acme: 5 }, 4);
    await folding.tell(...Array.from({ length: 10 }, (_, n) => completed({ learnerId: `u-${n}`, score: 20 - n })));
    const told = new Set<string>();
    for (const [round, truncated] of [true, true, undefined].entries()) {
      // Those at the top change places all the time.
      await folding.tell(completed({ learnerId: `u-${round + 1}`, testId: `t-${round}`, score: 20 }));
      await push.tell();
      const [all] = await heard();
      expect(all!.changes.length).toBeLessThanOrEqual(4);
      if (round < 2) expect(all!.truncated).toBe(truncated);
      for (const { learnerId } of all!.changes) told.add(learnerId);
      folding.clock.advance(5 * MINUTE_MS);
    }
    expect(told.size).toBe(10);
    for (let round = 0; round < 3; round += 1) {
      await push.tell();
      folding.clock.advance(5 * MINUTE_MS);
    }
    await heard();
    expect(await push.tell()).toBe(0);
  });
});

describe('replicas', () => {
  it('tell each rating once, and the next revision follows the last', async () => {
    await folding.tell(...Array.from({ length: 30 }, (_, n) => completed({ learnerId: `u-${n}`, courseId: `c-${n % 10}`, score: n % 20 })));
    const replicas = [pushOf(), pushOf(), pushOf()];
    const counts = await Promise.all(replicas.map((push) => push.tell()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(11);
    const news = await heard();
    expect(new Set(news.map(({ courseId }) => courseId)).size).toBe(11);
    expect(news.every(({ revision }) => revision === 1)).toBe(true);
    expect(errors).toEqual([]);
  });
});

describe('a crash before the commit', () => {
  it('tells nothing, and it is told next time', async () => {
    await folding.tell(completed());
    const { db, clock } = folding;
    const broken = createRatingPush({
      db,
      outbox: { append: () => Promise.reject(Object.assign(new Error('the process ends here'), { code: 'ECONNRESET' })) },
      organizations: () => [{ id: 'acme', rating: { everyMinutes: 5 } }],
      clock,
      log: createLogger({ service: 'results', level: 'silent' }),
    });
    await expect(broken.tell()).rejects.toThrow('the process ends here');
    expect(await heard()).toEqual([]);
    expect(await pushOf().tell()).toBe(2);
  });

  it('of one rating does not hold the others up', async () => {
    await folding.tell(completed(), completed({ courseId: 'c-2' }));
    await folding.sql("ALTER TABLE rating_told ADD CONSTRAINT trouble CHECK (course_id <> 'c-1')");
    try {
      expect(await pushOf().tell()).toBe(2);
      expect((await heard()).map(({ courseId }) => courseId)).toEqual([undefined, 'c-2']);
      expect(errors).toHaveLength(1);
    } finally {
      await folding.sql('ALTER TABLE rating_told DROP CONSTRAINT trouble');
    }
    expect(await pushOf().tell()).toBe(0);
    folding.clock.advance(5 * MINUTE_MS);
    expect(await pushOf().tell()).toBe(1);
  });
});

describe('a rating that takes longer than a statement may', () => {
  it('is left for its interval, and the others are told', async () => {
    await folding.tell(completed(), completed({ courseId: 'c-2' }));
    const { db, clock } = folding;
    const outbox = createOutbox({ service: 'results', clock });
    const slow = createRatingPush({
      db,
      outbox: {
        async append(tx, events) {
          if (events.some(({ subject }) => subject === 'c-1')) {
            await tx.query({ name: 'test_patience', text: "SELECT set_config('statement_timeout', '20', true)" }, []);
            await tx.query({ name: 'test_too_long', text: 'SELECT pg_sleep(30)' }, []);
          }
          await outbox.append(tx, events);
        },
      },
      organizations: () => [{ id: 'acme', rating: { everyMinutes: 5 } }],
      clock,
      log: createLogger({ service: 'results', level: 'error', destination: { write: (line) => void errors.push(line) } }),
    });
    expect(await slow.tell()).toBe(2);
    expect((await heard()).map(({ courseId }) => courseId)).toEqual([undefined, 'c-2']);
    expect(errors).toHaveLength(1);
    expect(await pushOf().tell()).toBe(0);
    clock.advance(5 * MINUTE_MS);
    expect(await pushOf().tell()).toBe(1);
  });
});

describe('an organization without the setting', () => {
  it('costs nothing and hears nothing', async () => {
    await folding.tell(completed());
    expect(await pushOf({ acme: undefined }).tell()).toBe(0);
    expect(await folding.sql('SELECT 1 FROM rating')).toEqual([]);
  });
});

describe('the service', () => {
  it('tells ratings on their stream', async () => {
    const nats = await startNats();
    const ingest = await startFakeIngest(nats.url);
    await folding.tell(completed(), completed({ learnerId: 'u-2', score: 20 }));
    const results = await startTestResults({
      databaseUrl: folding.databaseUrl,
      natsUrl: nats.url,
      configuration: { organization: { rating: { everyMinutes: 1 } } },
    });
    try {
      const told = await waitFor('the ratings are told', async () => {
        const ratings = await ingest.ratings();
        return ratings.length === 2 ? ratings : undefined;
      });
      expect(told.map(({ courseId }) => courseId).sort()).toEqual(['c-1', undefined]);
      expect(ranks(RatingMessage.parse(JSON.parse(told[0]!.body)).data)).toEqual([['u-2', 1], ['u-1', 2]]);
    } finally {
      await results.stop();
      await ingest.close();
      await nats.stop();
    }
  });
});
