import { RatingMessage } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { renderRating, type RatingNews } from './render.ts';

const NOON = parseInstant('2026-11-21T12:00:00.000Z');
const news = (change: Partial<RatingNews> = {}): RatingNews => ({
  organizationId: 'acme "x"',
  courseId: undefined,
  revision: 7,
  learners: 3,
  changes: [
    { learnerId: 'u-"1"', rank: 1, equal: 1, score: '2', maxScore: '3.000000' },
    { learnerId: 'u-2', rank: null },
  ],
  truncated: false,
  ...change,
});

describe('renderRating', () => {
  it('writes what the contract describes', () => {
    expect(RatingMessage.parse(JSON.parse(renderRating(news(), NOON)))).toEqual({
      type: 'organization.rating.updated',
      timestamp: '2026-11-21T12:00:00.000Z',
      data: {
        organizationId: 'acme "x"',
        revision: 7,
        learners: 3,
        changes: [
          { learnerId: 'u-"1"', rank: 1, percentile: 83.33, percent: 66.67 },
          { learnerId: 'u-2', rank: null, percentile: null, percent: null },
        ],
      },
    });
  });
  it('names the course, and says when the list is cut', () => {
    const { data } = RatingMessage.parse(JSON.parse(renderRating(news({ courseId: 'c-1', truncated: true, changes: [] }), NOON)));
    expect(data).toMatchObject({ courseId: 'c-1', truncated: true, changes: [] });
  });
});
