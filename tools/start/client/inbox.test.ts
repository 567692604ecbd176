import { expect, it } from 'vitest';
import { createInbox } from './inbox.ts';

const totals = { score: 1, maxScore: 2, percent: 50, testsCompleted: 1, testsPassed: 0 };
const summary = (learnerId: string, revision: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      type: 'learner.summary.updated',
      timestamp: '2026-11-21T05:30:00.000Z',
      data: { organizationId: 'acme', learnerId, revision, totals, courses: [], tests: [], lastCompletedAt: null },
    }),
  );
const delivery = (body: Buffer) => ({ webhookId: 'w', revision: 1, receivedAtMs: 0, body });

it('keeps the newest revision of each learner, however they arrive', () => {
  const inbox = createInbox();
  for (const [learner, revision] of [['ann', 1], ['ann', 3], ['ann', 2], ['bob', 1], ['ann', 3]] as const) {
    inbox.keep(delivery(summary(learner, revision)));
  }
  expect(inbox.learners().map(({ learnerId, revision }) => [learnerId, revision])).toEqual([['ann', 3], ['bob', 1]]);
  expect(inbox.newest('ann')?.message.data.revision).toBe(3);
  expect(inbox.newest('nobody')).toBeUndefined();
});

it('passes over what is no summary', () => {
  const inbox = createInbox();
  for (const text of ['', 'null', '{"type":"organization.rating.updated"}', '{"type":"learner.summary.updated"}']) inbox.keep(delivery(Buffer.from(text)));
  expect(inbox.learners()).toEqual([]);
});
