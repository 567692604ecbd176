import type { ResultData, VoidData } from '@schoolbell/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { register, type Attempt } from './register.ts';

const base = { source: 'platform', organizationId: 'acme', attemptId: 'a-1' };
const result = (change: Partial<ResultData> = {}): ResultData => ({
  ...base,
  webhookId: 'w-1',
  learnerId: 'u-1',
  courseId: 'c-1',
  testId: 't-1',
  score: 17,
  maxScore: 20,
  completedAt: '2026-11-21T05:00:00.000Z',
  timestamp: '2026-11-21T05:00:01.000Z',
  ...change,
});
const taken: VoidData = { ...base, webhookId: 'w-9', timestamp: '2026-11-21T05:00:00.000Z' };

const all = (events: readonly (ResultData | VoidData)[]): Attempt | undefined =>
  events.reduce<Attempt | undefined>((current, event) => {
    const outcome = register(current, event);
    return outcome.kind === 'changed' ? outcome.attempt : current;
  }, undefined);

describe('register', () => {
  it('keeps scores as whole millionths and a missing "passed" as not passed', () => {
    expect(all([result({ score: 0.1 })])?.facts).toMatchObject({ score: 100_000, maxScore: 20_000_000, passed: false });
  });

  it.each([
    ['a later timestamp', { timestamp: '2026-11-21T05:00:02.000Z' }, 'changed'],
    ['an earlier one', { timestamp: '2026-11-21T05:00:00.999Z' }, 'unchanged'],
    ['the same and a greater id', { webhookId: 'w-2' }, 'changed'],
    ['the same and a smaller id', { webhookId: 'w-0' }, 'unchanged'],
    ['the same again', {}, 'unchanged'],
    // The offset is another way to write it, not another instant.
    ['the same instant, written otherwise', { timestamp: '2026-11-21T06:00:01+01:00' }, 'unchanged'],
  ] as const)('%s: %o is %s', (_, change, kind) => {
    expect(register(all([result()]), result({ score: 1, ...change })).kind).toBe(kind);
  });

  it.each([{ learnerId: 'u-2' }, { courseId: 'c-2' }, { testId: 't-2' }])('refuses another owner: %o', (change) => {
    expect(register(all([result()]), result({ timestamp: '2026-11-22T00:00:00.000Z', ...change }))).toMatchObject({ kind: 'conflict' });
  });

  it('knows a void before what it voids, and does not take it back', () => {
    const tombstone = all([taken]);
    expect(tombstone).toEqual({ organizationId: 'acme', attemptId: 'a-1', facts: undefined, voided: true });
    expect(all([taken, result()])).toMatchObject({ voided: true, facts: { learnerId: 'u-1' } });
    expect(register(tombstone, taken).kind).toBe('unchanged');
  });

  it('ends the same in every order and with every repeat', () => {
    const event = fc.oneof(
      fc.constant(taken),
      fc.record({ second: fc.integer({ min: 0, max: 3 }), id: fc.integer({ min: 0, max: 3 }) }).map(({ second, id }) =>
        // What is told follows from (timestamp, id), as a webhook's body follows from its id.
        result({ timestamp: `2026-11-21T05:00:0${second}.000Z`, webhookId: `w-${id}`, score: second * 4 + id }),
      ),
    );
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 8 }).chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }))),
        ([events, shuffled]) => {
          expect(all(shuffled)).toEqual(all(events));
        },
      ),
    );
  });
});
