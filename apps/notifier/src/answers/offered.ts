import type { AnswerVerb, MoveStanding } from '@schoolbell/contracts';
import type { Notice } from '../notices/notice.ts';

/** What a link may still do. Pure; scheduling decides again when the answer arrives. */
export interface Offered {
  readonly verbs: readonly AnswerVerb[];
  /** Why it can do nothing, or not what it was for. */
  readonly stale?: 'superseded' | 'moved-on' | 'closed';
}

/**
 * A link answers the offer that it was minted for and no other; the ways out of waiting are bound to the request's
 * version, because each new offer and each end of one raises it.
 */
export function offeredBy(notice: Notice, standing: MoveStanding): Offered {
  const { offer, requestVersion } = notice.data;
  if (standing.status === 'closed') return { verbs: [], stale: 'closed' };
  if (standing.status === 'offered') {
    if (standing.offer !== offer || offer === undefined) return { verbs: [], stale: 'superseded' };
    return { verbs: standing.may.filter((verb) => verb === 'approve' || verb === 'decline' || verb === 'counter') };
  }
  if (standing.version !== requestVersion) return { verbs: [], stale: 'moved-on' };
  return { verbs: standing.may.filter((verb) => verb === 'propose' || verb === 'restore') };
}
