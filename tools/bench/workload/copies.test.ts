import { expect, it } from 'vitest';
import { expectedSummaries } from '../oracle/oracle.ts';
import { createCopies, webhooksAbout } from './copies.ts';
import { learnerName, planWebhooks } from './index.ts';

const LEARNERS = 20;
const WEBHOOKS = planWebhooks({ seed: 3, name: 'x', kind: 'shuffled', webhooks: 400, learners: LEARNERS, endMs: 1_795_000_000_000 });

it('the history of a copy gives the summary of its original', () => {
  const copied = createCopies(WEBHOOKS, LEARNERS);
  const originals = expectedSummaries(WEBHOOKS);
  for (const number of [3, 19]) {
    const history = copied(number + 7 * LEARNERS);
    expect(expectedSummaries(history)).toEqual(new Map([[learnerName(number + 7 * LEARNERS), originals.get(learnerName(number))]]));
    expect(copied(number)).toEqual(webhooksAbout(learnerName(number), WEBHOOKS));
  }
});
it('copies meet nobody: no attempt and no webhook id twice', () => {
  const copied = createCopies(WEBHOOKS, LEARNERS);
  const attempts = (number: number) => new Set(copied(number).map(({ body }) => (JSON.parse(body) as { data: { attemptId: string } }).data.attemptId));
  expect([...attempts(5)].filter((id) => attempts(5 + LEARNERS).has(id))).toEqual([]);
  expect(attempts(5).size).toBe(attempts(5 + LEARNERS).size);
});
