import type { DatabaseFailure } from '@schoolbell/service-kit';

/** Deliveries of one message, alone, before a failure that could be a passing one is called final. */
export const BUG_DELIVERIES_MAX = 5;

export type FailureDecision =
  /** Not the message's fault, or not known yet: deliver it again later. */
  | 'retry'
  /** One of several is at fault: handle the halves apart. */
  | 'split'
  /** It will never work: a row for the admin, and on with the rest. */
  | 'dead';

/** What becomes of a batch whose transaction failed. The one place where ack, retry or dead is decided. */
export function decideFailure(failure: DatabaseFailure, batchSize: number, deliveries: number): FailureDecision {
  switch (failure) {
    case 'unavailable':
    case 'deadlock':
      return 'retry';
    case 'data':
    case 'constraint':
      return batchSize > 1 ? 'split' : 'dead';
    case 'bug':
      if (batchSize > 1) return 'split';
      return deliveries >= BUG_DELIVERIES_MAX ? 'dead' : 'retry';
  }
}
