import { ingestResultCompleted, ingestResultRegraded, ingestResultVoided } from '@schoolbell/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handedIn } from './sift.ts';

const envelope = (type: string, data: object) => ({ specversion: '1.0', id: 'e', source: '/schoolbell/ingest', type, time: '2026-03-02T09:00:00.000Z', data });
const graded = (learnerId: string, testId: string, more: object = {}) =>
  envelope(ingestResultCompleted.type, { attemptId: 'a', learnerId, courseId: 'c', testId, score: 1, ...more });
const voided = envelope(ingestResultVoided.type, { attemptId: 'a' });
const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });

describe('handedIn', () => {
  it('finds the pairs of one event or of a batch, whatever their names are made of', () => {
    fc.assert(fc.property(fc.array(fc.tuple(names, names, names), { minLength: 1, maxLength: 5 }), (all) => {
      const batch = all.map(([learnerId, testId, kind]) => graded(learnerId, testId, { kind }));
      const expected = all.map(([learnerId, testId]) => ({ learnerId, testId }));
      expect(handedIn(JSON.stringify(batch))).toEqual(expected);
      expect(handedIn(JSON.stringify(batch[0]))).toEqual(expected.slice(0, 1));
    }));
  });
  it('is not misled by names that look like fields', () => {
    const text = JSON.stringify(graded('"testId":"t-9"', '","testId":"t-9', { kind: '\\","learnerId":"eve' }));
    expect(handedIn(text)).toEqual([{ learnerId: '"testId":"t-9"', testId: '","testId":"t-9' }]);
  });
  it('finds nobody in a void, and counts a regrade as graded', () => {
    expect(handedIn(JSON.stringify(voided))).toEqual([]);
    expect(handedIn(JSON.stringify([voided, { ...graded('anna', 't-1'), type: ingestResultRegraded.type }]))).toEqual([{ learnerId: 'anna', testId: 't-1' }]);
  });
  it.each([
    ['no event', 'hello'],
    ['another version', JSON.stringify(envelope('ingest.result.completed.v2', {}))],
    ['a result without a test', JSON.stringify(envelope(ingestResultCompleted.type, { learnerId: 'anna' }))],
    ['fields written in another way', JSON.stringify(graded('anna', 't-1'), null, 2).replace('"testId": ', '"testId" : ')],
    ['a field twice', `${JSON.stringify(graded('anna', 't-1')).slice(0, -2)},"testId":"t-2"}}`],
  ])('leaves %s to the reader', (_, text) => expect(handedIn(text)).toBeUndefined());
});
