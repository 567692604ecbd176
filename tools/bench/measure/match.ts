import type { LoadResult } from '../generator/load.ts';
import type { ReceivedMessage } from '../receiver/messages.ts';
import type { StreamedWebhook } from '../workload/index.ts';

interface Shown {
  readonly atMs: number;
  /** Score by test. */
  readonly tests: ReadonlyMap<string, number>;
}

/**
 * Milliseconds, for each webhook that changes something, from its 202 to the first summary that contains it, its own or a newer one. A summary may
 * even come before the 202 was read: that is 0.
 * @throws when a webhook is in no summary.
 */
export function wholePathMs(
  webhooks: readonly StreamedWebhook[],
  load: Pick<LoadResult, 'answeredMs' | 'latenciesMs'>,
  messages: readonly ReceivedMessage[],
): number[] {
  const byLearner = Map.groupBy(messages, ({ learnerId }) => learnerId);
  const shown = new Map([...byLearner].map(([learnerId, own]) => [learnerId, own.map(readTests)]));
  return [...load.answeredMs].flatMap((answeredMs, index) => {
    const webhook = webhooks[index]!;
    if (webhook.shows === undefined) return [];
    const { learnerId, testId, score } = webhook.shows;
    const sentMs = answeredMs - load.latenciesMs[index]!;
    const contains = ({ tests }: Shown) => (score === null ? !tests.has(testId) : sameOrNewer(webhook, tests.get(testId)));
    const first = (shown.get(learnerId) ?? []).find((message) => message.atMs >= sentMs && contains(message));
    if (first === undefined) throw new Error(`no summary contains webhook ${webhook.id}`);
    return [Math.max(0, first.atMs - answeredMs)];
  });
}

/** A test shows the first result of an attempt or, of a summary that came later, its regrade. */
const sameOrNewer = ({ body, shows }: StreamedWebhook, score: number | undefined): boolean =>
  body.includes('"test.completed"') ? score !== undefined : score === shows?.score;

function readTests({ atMs, body }: ReceivedMessage): Shown {
  const { data } = JSON.parse(body.toString()) as { data: { tests: { testId: string; score: number }[] } };
  return { atMs, tests: new Map(data.tests.map(({ testId, score }) => [testId, score])) };
}
