import type { Notice, NoticePhase } from '../problems/problem.ts';

/** What a chat hears of one problem in one message. */
export interface Story extends Notice {
  /** Place among the notices of the message, by the oldest one. */
  readonly order: number;
}

/** Two notices of one problem that meet in one message. */
export function mergePhases(earlier: NoticePhase, later: NoticePhase): NoticePhase {
  // The whole episode so far, told to a chat that knew nothing of it.
  if (later === 'escalated') return later;
  const known = earlier === 'digest' || earlier === 'resolved' || earlier === 'escalated';
  if (later === 'resolved' || later === 'passed') return known ? 'resolved' : 'passed';
  // It ended and began again without the chat having heard of the end: for the chat it went on.
  return known ? 'digest' : 'first';
}

/** One story per problem, worst first: what is firing before what is over, critical before warning, old before new. */
export function gather(notices: readonly Notice[]): Story[] {
  const stories = new Map<string, Story>();
  for (const [order, notice] of notices.entries()) {
    const earlier = stories.get(notice.fingerprint);
    stories.set(
      notice.fingerprint,
      earlier === undefined
        ? { ...notice, order }
        : {
            ...notice,
            order: earlier.order,
            phase: mergePhases(earlier.phase, notice.phase),
            count: earlier.count + notice.count,
            firstAtMs: Math.min(earlier.firstAtMs, notice.firstAtMs),
          },
    );
  }
  return [...stories.values()].sort((a, b) => rank(a) - rank(b) || a.order - b.order);
}

export function isOver({ phase }: { readonly phase: NoticePhase }): boolean {
  return phase === 'resolved' || phase === 'passed';
}

function rank(story: Story): number {
  return (isOver(story) ? 2 : 0) + (story.severity === 'critical' ? 0 : 1);
}
