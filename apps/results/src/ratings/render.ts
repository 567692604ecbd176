import { formatInstant } from '@schoolbell/time';
import { parseMicros, percentOf } from '../decimals/micros.ts';
import { percentileOf } from './percentile.ts';
import type { RatedLearner } from './store.ts';

/** A learner whose rank is not the one that was told. */
export type RankChange = Pick<RatedLearner, 'learnerId' | 'rank' | 'equal' | 'score' | 'maxScore'> | LeftRating;

/** A learner who is in the rating no more, because no result is left. */
export interface LeftRating {
  readonly learnerId: string;
  readonly rank: null;
}

export interface RatingNews {
  readonly organizationId: string;
  /** Undefined: the rating of the whole organization. */
  readonly courseId: string | undefined;
  readonly revision: number;
  /** Learners in the rating. */
  readonly learners: number;
  readonly changes: readonly RankChange[];
  /** More ranks changed than are listed. */
  readonly truncated: boolean;
}

/** The whole message, as it will be signed. Its shape is the contract `RatingMessage`. */
export function renderRating({ organizationId, courseId, revision, learners, changes, truncated }: RatingNews, timestampMs: number): string {
  const course = courseId === undefined ? '' : `,"courseId":${JSON.stringify(courseId)}`;
  return (
    `{"type":"organization.rating.updated","timestamp":"${formatInstant(timestampMs)}","data":{"organizationId":${JSON.stringify(organizationId)}` +
    `${course},"revision":${revision},"learners":${learners},"changes":[${changes.map((change) => renderChange(change, learners)).join(',')}]` +
    `${truncated ? ',"truncated":true' : ''}}}`
  );
}

function renderChange(change: RankChange, learners: number): string {
  const learnerId = JSON.stringify(change.learnerId);
  if (change.rank === null) return `{"learnerId":${learnerId},"rank":null,"percentile":null,"percent":null}`;
  const { rank, equal, score, maxScore } = change;
  return (
    `{"learnerId":${learnerId},"rank":${rank},"percentile":${percentileOf({ rank, equal, learners })}` +
    `,"percent":${percentOf(parseMicros(score), parseMicros(maxScore))}}`
  );
}
