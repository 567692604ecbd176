import { learnerName, type PlannedWebhook } from './spec.ts';

/** What stands for the name of a copied attempt: `a-base-12~7` is of the seventh copy. */
export const copiedAttempt = (attemptId: string, copy: number): string => `${attemptId}~${copy}`;

interface Fact {
  readonly attemptId: string;
  readonly learnerId?: string;
}

/** Grouped by learner: a void names its attempt only. */
function byLearner(webhooks: readonly PlannedWebhook[]): Map<string | undefined, { webhook: PlannedWebhook; fact: Fact }[]> {
  const facts = webhooks.map((webhook) => ({ webhook, fact: (JSON.parse(webhook.body) as { data: Fact }).data }));
  const learners = new Map(facts.flatMap(({ fact }) => (fact.learnerId === undefined ? [] : [[fact.attemptId, fact.learnerId]])));
  return Map.groupBy(facts, ({ fact }) => learners.get(fact.attemptId));
}

export function webhooksAbout(learnerId: string, webhooks: readonly PlannedWebhook[]): PlannedWebhook[] {
  return (byLearner(webhooks).get(learnerId) ?? []).map(({ webhook }) => webhook);
}

/**
 * The webhooks that would have made a copied learner: copy `c` of learner `n` is learner `n + c * count`. Returns what
 * was told of learner `number`, out of what was told of the originals 0 to `count` - 1.
 */
export function createCopies(originals: readonly PlannedWebhook[], count: number): (number: number) => PlannedWebhook[] {
  const histories = byLearner(originals);
  return (number) => {
    const copy = Math.floor(number / count);
    const original = learnerName(number % count);
    const own = histories.get(original) ?? [];
    if (copy === 0) return own.map(({ webhook }) => webhook);
    return own.map(({ webhook: { id, body }, fact: { attemptId } }) => ({
      id: `${id}-${copy}`,
      body: body
        .replace(`"${attemptId}"`, `"${copiedAttempt(attemptId, copy)}"`)
        .replace(`"${original}"`, `"${learnerName(number)}"`),
    }));
  };
}
