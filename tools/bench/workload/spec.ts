/** What a list of webhooks is made from. The same spec always gives the same list, in every process. */
export interface WorkloadSpec {
  readonly seed: number;
  /** Stands in every id, so that two lists never meet in one database. */
  readonly name: string;
  /**
   * `shuffled`: repeats, duplicates, regrades and voids, in random order of arrival.
   * `stream`: the same mixture in an order of arrival that lets every webhook be found in a summary: see `stream.ts`.
   */
  readonly kind: 'shuffled' | 'stream';
  readonly webhooks: number;
  readonly learners: number;
  /** The instant that the list ends at, in milliseconds since the epoch; everything was completed before it. */
  readonly endMs: number;
  /** Send some of the webhooks to this learner as well. */
  readonly favourite?: { readonly learnerId: string; readonly share: number };
  /** Numbers of the learners begin here. Default 0. */
  readonly firstLearner?: number;
  /** From one learner's number to the next. Default 1. */
  readonly stride?: number;
  /** Different tests that one learner does at most; the rest are further attempts. Default: no bound. */
  readonly testsPerLearner?: number;
}

/** One webhook as it will be sent: its id and the exact text of its body. */
export interface PlannedWebhook {
  readonly id: string;
  readonly body: string;
}

/** Share of the attempts that get each of these besides their `test.completed`. */
export const SHARES = Object.freeze({
  /** The same webhook again: same id, same bytes. */
  repeat: 0.03,
  /** The same fact under a new webhook id. */
  duplicate: 0.02,
  regrade: 0.06,
  void: 0.03,
  /** Another attempt at a test that the learner has done before. */
  retake: 0.25,
  /** Of the regrades, those that carry the timestamp of what they replace, so that the webhook id decides. */
  sameInstant: 0.2,
});

/** `u-000123`, as the platform would name a learner. */
export const learnerName = (number: number): string => `u-${String(number).padStart(6, '0')}`;
