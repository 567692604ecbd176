// For latencies a webhook has to be found again in a summary. So in this kind of workload every completed attempt is at
// a test of its own, and a regrade or void follows what it changes after a distance: the first summary that shows the
// test in the new state is the webhook's own, or a newer one.
import { seededRandom } from '@schoolbell/time';
import { createAttempts, resultBody, voidBody, type Attempt } from './attempts.ts';
import { createIds } from './shuffled.ts';
import { SHARES, type PlannedWebhook, type WorkloadSpec } from './spec.ts';

/** So many webhooks lie between an attempt and what changes it. */
const DISTANCE = 100;

export interface StreamedWebhook extends PlannedWebhook {
  /** What a summary has to show to contain this webhook; absent for one that changes nothing. */
  readonly shows?: { readonly learnerId: string; readonly testId: string; readonly score: number | null };
}

interface Changeable {
  readonly attempt: Attempt;
  readonly at: number;
  readonly score: number;
}

const scoreOf = (body: string): number => (JSON.parse(body) as { data: { score: number } }).data.score;

export function streamedWebhooks(spec: WorkloadSpec): StreamedWebhook[] {
  const random = seededRandom(spec.seed);
  const attempts = createAttempts(spec, random);
  const ids = createIds(spec.name, random);
  const webhooks: StreamedWebhook[] = [];
  const changeable: Changeable[] = [];

  const shown = ({ learnerId, testId }: Attempt, body: string) => ({ learnerId, testId, score: scoreOf(body) });
  function regradeToAnotherScore({ attempt, score }: Changeable): string {
    for (;;) {
      const body = resultBody('test.regraded', attempt, attempt.toldMs + 1, random);
      if (scoreOf(body) !== score) return body;
    }
  }
  while (webhooks.length < spec.webhooks) {
    const dice = random();
    const old = changeable[0];
    if (old !== undefined && webhooks.length - old.at > DISTANCE && dice < SHARES.regrade + SHARES.void) {
      changeable.shift();
      if (dice < SHARES.regrade) {
        const body = regradeToAnotherScore(old);
        webhooks.push({ id: ids(), body, shows: shown(old.attempt, body) });
      } else {
        const shows = { learnerId: old.attempt.learnerId, testId: old.attempt.testId, score: null };
        webhooks.push({ id: ids(), body: voidBody(old.attempt, old.attempt.toldMs + 1), shows });
      }
    } else if (dice > 1 - SHARES.repeat && webhooks.length > DISTANCE) {
      const { id, body } = webhooks[webhooks.length - DISTANCE]!;
      webhooks.push({ id, body });
    } else {
      const attempt = { ...attempts.next(), testId: `t-${spec.name}-${webhooks.length}` };
      const body = resultBody('test.completed', attempt, attempt.toldMs, random);
      changeable.push({ attempt, at: webhooks.length, score: scoreOf(body) });
      webhooks.push({ id: ids(), body, shows: shown(attempt, body) });
    }
  }
  return webhooks;
}
