import { resultsRatingUpdated, type OrganizationConfig } from '@schoolbell/contracts';
import type { Outbox } from '@schoolbell/messaging';
import { classifyDatabaseError, createPeriodic, type Database, type Log, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { renderRating } from './render.ts';
import { addRatingRows, claimDueRating, keepLook, keepToldRanks, readRankChanges, type RatingKey } from './told-store.ts';

const LOOK_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
/** Ranks in one message: with the longest ids half of what NATS takes at its default settings. */
const CHANGES_MAX = 1000;

export interface RatingPushDeps {
  readonly db: Database;
  readonly outbox: Pick<Outbox, 'append'>;
  readonly organizations: () => readonly Pick<OrganizationConfig, 'id' | 'rating'>[];
  readonly clock: Clock;
  readonly log: Log;
  /** Default: 1000. */
  readonly changesMax?: number;
}

/**
 * Tells changed ranks of the organizations that want it, at most once per interval and rating. Replicas share the work:
 * each rating is a row that one of them claims, compares with what was told, and leaves with the time of its look.
 */
export function createRatingPush({ db, outbox, organizations, clock, log, changesMax = CHANGES_MAX }: RatingPushDeps): {
  /** Tells everything that is due; how many messages that were. */
  tell(signal?: AbortSignal): Promise<number>;
} {
  /** Undefined: nothing is due. */
  async function tellOne(due: Parameters<typeof claimDueRating>[1], claimed: (key: RatingKey) => void): Promise<boolean | undefined> {
    return db.transaction(async (tx) => {
      const rating = await claimDueRating(tx, due);
      if (rating === undefined) return undefined;
      claimed(rating);
      const { organizationId } = rating;
      const nowMs = clock.now();
      const { learners, changes: all } = await readRankChanges(tx, rating, changesMax + 1);
      const changes = all.slice(0, changesMax);
      if (changes.length === 0) {
        await keepLook(tx, rating, nowMs, rating.revision);
        return false;
      }
      const revision = rating.revision + 1;
      const courseId = rating.courseId === '' ? undefined : rating.courseId;
      const body = renderRating({ organizationId, courseId, revision, learners, changes, truncated: all.length > changesMax }, nowMs);
      await keepToldRanks(tx, rating, revision, changes);
      await keepLook(tx, rating, nowMs, revision);
      await outbox.append(tx, [{ definition: resultsRatingUpdated, subject: courseId ?? organizationId, data: { organizationId, courseId, revision, body } }]);
      return true;
    });
  }

  return {
    async tell(signal) {
      const wanting = organizations().flatMap(({ id, rating }) => (rating === undefined ? [] : [{ id, everyMs: rating.everyMinutes * MINUTE_MS }]));
      if (wanting.length === 0) return 0;
      await addRatingRows(db, wanting.map(({ id }) => id));
      const nowMs = clock.now();
      const due = wanting.map(({ id, everyMs }) => ({ organizationId: id, sinceMs: nowMs - everyMs }));
      let messages = 0;
      while (signal?.aborted !== true) {
        let rating: RatingKey | undefined;
        try {
          const told = await tellOne(due, (key) => (rating = key));
          if (told === undefined) break;
          if (told) messages += 1;
        } catch (err) {
          if (rating === undefined || (classifyDatabaseError(err) === 'unavailable' && !tookTooLong(err))) throw err;
          // One rating that fails must not keep the others waiting: unmarked, the oldest would be claimed first for ever.
          log.error({ err, ...rating }, 'a rating could not be told, it is tried again after its interval');
          await keepLook(db, rating, nowMs, 0);
        }
      }
      return messages;
    },
  };
}

/** query_canceled: the server answers and ended this one statement, by its timeout. Waiting for the server would not help. */
const tookTooLong = (err: unknown): boolean => (err as { code?: unknown } | null)?.code === '57014';

/** The push as a job of the service. */
export function createRatingJob(deps: RatingPushDeps): Periodic {
  const push = createRatingPush(deps);
  return createPeriodic({
    name: 'ratings',
    everyMs: LOOK_EVERY_MS,
    log: deps.log,
    run: async (signal) => {
      const messages = await push.tell(signal);
      if (messages > 0) deps.log.debug({ messages }, 'changed ranks were told');
    },
  });
}
