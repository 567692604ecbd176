import { seededRandom, type Random } from '@schoolbell/time';
import { createAttempts, resultBody, voidBody } from './attempts.ts';
import { SHARES, type PlannedWebhook, type WorkloadSpec } from './spec.ts';

/**
 * Everything a platform does wrong or late, in random order: a void before what it voids, a regrade before its result,
 * repeats that overtake each other.
 */
export function shuffledWebhooks(spec: WorkloadSpec): PlannedWebhook[] {
  const random = seededRandom(spec.seed);
  const attempts = createAttempts(spec, random);
  const webhooks: PlannedWebhook[] = [];
  const ids = createIds(spec.name, random);
  const chance = (share: number) => random() < share;

  while (webhooks.length < spec.webhooks) {
    const attempt = attempts.next();
    const completed = { id: ids(), body: resultBody('test.completed', attempt, attempt.toldMs, random) };
    webhooks.push(completed);
    if (chance(SHARES.regrade)) {
      const regradedMs = attempts.regradedMs(attempt);
      webhooks.push({ id: ids(), body: resultBody('test.regraded', attempt, regradedMs, random) });
    }
    if (chance(SHARES.void)) webhooks.push({ id: ids(), body: voidBody(attempt, attempt.toldMs + 1) });
    if (chance(SHARES.repeat)) webhooks.push(completed);
    if (chance(SHARES.duplicate)) webhooks.push({ id: ids(), body: completed.body });
  }
  webhooks.length = spec.webhooks;
  shuffle(webhooks, random);
  return webhooks;
}

/** Ids whose order says nothing about the order of the facts: where two timestamps are equal, the id decides. */
export function createIds(name: string, random: Random): () => string {
  let made = 0;
  return () => `wh_${Math.floor(random() * 1e9).toString(36)}_${name}_${(made++).toString(36)}`;
}

/** Fisher-Yates. */
function shuffle<T>(items: T[], random: Random): void {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
}
