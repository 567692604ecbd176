import { describe, expect, it } from 'vitest';
import type { Attempt } from '../attempts/register.ts';
import { bestOf, decideStanding, standingOf, testText } from './standings.ts';

const attempt = (attemptId: string, score: number, voided = false): Attempt => ({
  organizationId: 'acme',
  attemptId,
  voided,
  facts: {
    learnerId: 'u-1', courseId: 'c-1', testId: 't-1', score, maxScore: 20, passed: true, kind: null,
    startedAtMs: null, completedAtMs: 1_000, decidedAtMs: 2_000, decidedBy: 'w-1',
  },
});
const standing = (attemptId: string, score: number) => standingOf(attempt(attemptId, score))!;

describe('decideStanding', () => {
  it.each([
    ['the first attempt counts', undefined, [attempt('a', 1)], 'a'],
    ['a better one takes over', standing('a', 1), [attempt('b', 2)], 'b'],
    ['a worse one does not', standing('b', 2), [attempt('a', 1)], 'b'],
    ['of several the best takes over', standing('a', 1), [attempt('b', 3), attempt('c', 2)], 'b'],
    ['the one that counts became better', standing('a', 1), [attempt('a', 5), attempt('b', 4)], 'a'],
    ['a void of another changes nothing', standing('b', 2), [attempt('a', 1, true)], 'b'],
    ['a void of the only unknown one leaves nothing', undefined, [attempt('a', 1, true)], undefined],
  ] as const)('%s', (_, holder, changed, expected) => {
    const decision = decideStanding('best', holder, changed);
    expect(decision.kind === 'is' ? decision.standing?.attemptId : decision.kind).toBe(expected);
  });

  it.each([
    ['was taken back', [attempt('a', 5, true)]],
    ['became worse', [attempt('a', 4)]],
    ['became worse, and a better one came', [attempt('a', 4), attempt('b', 9)]],
  ])('asks for all attempts when the one that counts %s', (_, changed) => {
    expect(decideStanding('best', standing('a', 5), changed).kind).toBe('look-again');
  });
});

it('bestOf finds what counts among all, or nothing', () => {
  expect(bestOf('best', [])).toBeUndefined();
  expect(bestOf('best', [standing('a', 1), standing('b', 3), standing('c', 2)])?.attemptId).toBe('b');
});

it('no two keys have one text', () => {
  const text = (courseId: string, testId: string) => testText({ organizationId: 'acme', learnerId: 'u', courseId, testId });
  expect(text('a', 'b c')).not.toBe(text('a b', 'c'));
});
