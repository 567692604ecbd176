import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../receiver/messages.ts';
import type { StreamedWebhook } from '../workload/index.ts';
import { wholePathMs } from './match.ts';

function webhook(testId: string, type: 'test.completed' | 'test.regraded' | 'test.voided', score: number | null): StreamedWebhook {
  return { id: `wh_${testId}_${type}`, body: JSON.stringify({ type }), shows: { learnerId: 'u-1', testId, score } };
}
function message(atMs: number, tests: Record<string, number>): ReceivedMessage {
  const list = Object.entries(tests).map(([testId, score]) => ({ testId, score }));
  const body = Buffer.from(JSON.stringify({ data: { tests: list } }));
  return { learnerId: 'u-1', revision: 1, head: '', body, atMs, epochMs: 0 };
}
/** One webhook sent at 100 and answered at 110. */
const load = { answeredMs: Float64Array.of(110), latenciesMs: Float64Array.of(10) };

describe('wholePathMs', () => {
  it('takes the first summary that has the test, its own or a newer one', () => {
    const completed = webhook('t-1', 'test.completed', 5);
    expect(wholePathMs([completed], load, [message(105, {}), message(117, { 't-1': 5 })])).toEqual([7]);
    expect(wholePathMs([completed], load, [message(119, { 't-1': 6, 't-2': 1 })])).toEqual([9]);
  });
  it('takes a regrade by its score and a void by the absence of its test', () => {
    const messages = [message(90, {}), message(112, { 't-1': 5 }), message(115, { 't-1': 6 }), message(118, {})];
    expect(wholePathMs([webhook('t-1', 'test.regraded', 6)], load, messages)).toEqual([5]);
    expect(wholePathMs([webhook('t-1', 'test.voided', null)], load, messages)).toEqual([8]);
  });
  it('is 0 when the summary overtakes the 202, and leaves out what changes nothing', () => {
    const repeat: StreamedWebhook = { id: 'wh_r', body: '{}' };
    expect(wholePathMs([webhook('t-1', 'test.completed', 5)], load, [message(108, { 't-1': 5 })])).toEqual([0]);
    expect(wholePathMs([repeat], load, [])).toEqual([]);
  });
  it('fails when a webhook is in no summary', () => {
    expect(() => wholePathMs([webhook('t-1', 'test.completed', 5)], load, [message(90, { 't-1': 5 })])).toThrow('no summary contains');
  });
});
