import { SummaryMessage } from '@schoolbell/contracts';
import { formatInstant } from '@schoolbell/time';

/** One request of Schoolbell, its signature verified. */
export interface Delivery {
  readonly webhookId: string;
  readonly revision: number;
  readonly receivedAtMs: number;
  readonly body: Buffer;
}

/** The newest summary of a learner as the client's site would show it. */
export interface KeptSummary {
  readonly webhookId: string;
  readonly receivedAt: string;
  readonly receivedAtMs: number;
  readonly message: SummaryMessage;
}

/** A restart of a client's server loses nothing it could not ask for again; this one keeps all in memory. */
export const LEARNERS_MAX = 100_000;

export interface Inbox {
  /** Keep it if it is a summary and none with a higher revision is there: repeats and late ones change nothing. */
  keep(delivery: Delivery): void;
  newest(learnerId: string): KeptSummary | undefined;
  learners(): { learnerId: string; revision: number; receivedAt: string }[];
}

export function createInbox(): Inbox {
  const kept = new Map<string, KeptSummary>();
  return {
    keep({ webhookId, receivedAtMs, body }) {
      const message = SummaryMessage.safeParse(parse(body)).data;
      if (message === undefined) return;
      const { learnerId, revision } = message.data;
      if ((kept.get(learnerId)?.message.data.revision ?? 0) > revision) return;
      if (!kept.has(learnerId) && kept.size >= LEARNERS_MAX) kept.delete(kept.keys().next().value!);
      kept.set(learnerId, { webhookId, receivedAt: formatInstant(receivedAtMs), receivedAtMs, message });
    },
    newest: (learnerId) => kept.get(learnerId),
    learners: () =>
      [...kept].map(([learnerId, { message, receivedAt }]) => ({ learnerId, revision: message.data.revision, receivedAt })),
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
