import type { AlertData } from '@schoolbell/contracts';

/** One alert as it reached the notifier. */
export interface Sighting {
  readonly alert: AlertData;
  /** When it happened, by its producer's clock. */
  readonly atMs: number;
  /** Level-triggered: repeated until it is over, so silence means that nobody sees the trouble any more. */
  readonly level: boolean;
}

/** All alerts of one fingerprint, and what was told of them. Times are milliseconds since the epoch. */
export interface Problem {
  readonly fingerprint: string;
  readonly kind: AlertData['kind'];
  readonly service: AlertData['service'];
  readonly severity: AlertData['severity'];
  readonly title: string;
  readonly detail: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly level: boolean;
  readonly state: AlertData['state'];
  /** Producer's time of the alert that set the state: an older alert that comes later does not change it. */
  readonly stateAtMs: number;
  /** What the chats were told last. */
  readonly told: 'nothing' | AlertData['state'];
  readonly toldAtMs: number | null;
  /** Begin of this episode, its newest alert, and its end. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly resolvedAtMs: number | null;
  /** Alerts of this episode, and those of them that no message has counted. */
  readonly total: number;
  readonly untold: number;
  /** Messages of this episode so far; each makes the pause before the next digest longer. */
  readonly step: number;
  readonly quietUntilMs: number;
  /** Episodes that began shortly after the one before. */
  readonly flaps: number;
  /** Somebody has this episode in hand: it is not escalated. */
  readonly acknowledgedAtMs: number | null;
  readonly acknowledgedBy: string | null;
  /** Nothing but its end is told before. */
  readonly mutedUntilMs: number | null;
  /** Escalation chats that were told of this episode. */
  readonly escalations: number;
}

/**
 * What a chat is to hear of a problem: its beginning, how often it went on, its end; `passed` is an episode that
 * began and ended between two messages; `escalated` goes to the next chat because nobody has acknowledged it.
 */
export type NoticePhase = 'first' | 'digest' | 'resolved' | 'passed' | 'escalated';

export interface Notice {
  readonly fingerprint: string;
  readonly phase: NoticePhase;
  /** Alerts that this notice tells of and no notice before it did. */
  readonly count: number;
  /** Alerts of the episode. */
  readonly total: number;
  readonly kind: Problem['kind'];
  readonly service: Problem['service'];
  readonly severity: Problem['severity'];
  readonly title: string;
  readonly detail: string;
  readonly firstAtMs: number;
  readonly atMs: number;
  /** Escalation chats that know of this episode and must hear of its end. */
  readonly escalations: number;
}
