import { describe, expect, it } from 'vitest';
import { compareJson } from './compare.ts';

const actual = { data: { totals: { score: 170, percent: 85 }, tests: [{ testId: 't-1', score: 1 }, { testId: 't-2', score: 2 }], lastCompletedAt: null } };

describe('compareJson', () => {
  it('finds no difference in what is mentioned', () => {
    expect(compareJson({}, actual)).toEqual([]);
    expect(compareJson(actual, actual)).toEqual([]);
    expect(compareJson({ data: { totals: { score: 170 } } }, actual)).toEqual([]);
    expect(compareJson({ data: { tests: [{ score: 1 }, {}] } }, actual)).toEqual([]);
  });
  it('names the places', () => {
    expect(compareJson({ data: { totals: { score: 171, passed: 3 }, lastCompletedAt: 'x' } }, actual)).toEqual([
      { pointer: '/data/totals/score', expected: 171, actual: 170 },
      { pointer: '/data/totals/passed', expected: 3 },
      { pointer: '/data/lastCompletedAt', expected: 'x', actual: null },
    ]);
    expect(compareJson({ 'a/b~c': 1 }, {})).toEqual([{ pointer: '/a~1b~0c', expected: 1 }]);
  });
  it('tells lists of different lengths, and kinds that do not fit', () => {
    expect(compareJson({ data: { tests: [{ score: 1 }] } }, actual)).toEqual([{ pointer: '/data/tests/length', expected: 1, actual: 2 }]);
    expect(compareJson({ data: { tests: { 0: 1 } } }, actual)).toHaveLength(1);
    expect(compareJson({ data: { totals: [] } }, actual)).toHaveLength(1);
  });
  it('does not look into what objects inherit, and bounds its list', () => {
    expect(compareJson({ constructor: 1 }, {})).toEqual([{ pointer: '/constructor', expected: 1 }]);
    expect(compareJson(Array.from({ length: 100 }, () => 1), Array.from({ length: 100 }, () => 2))).toHaveLength(20);
  });
});
