import type { Notice, Problem } from './problem.ts';

/** Somebody takes a problem in hand. What is over needs nobody; the first who took it has it. */
export function acknowledge(problem: Problem, by: string, nowMs: number): Problem {
  if (problem.state === 'resolved' || problem.acknowledgedAtMs !== null) return problem;
  return { ...problem, acknowledgedAtMs: nowMs, acknowledgedBy: by };
}

/** Nothing but its end is told before; alerts are counted all the same and told afterwards. A past instant unmutes. */
export function mute(problem: Problem, untilMs: number): Problem {
  return { ...problem, mutedUntilMs: untilMs };
}

/** The next escalation is due when so many periods have passed since the beginning without an acknowledgement. */
export function escalationDue(problem: Problem, { afterMs, chats, nowMs }: { afterMs: number; chats: number; nowMs: number }): boolean {
  const { state, severity, told, acknowledgedAtMs, mutedUntilMs, escalations, firstAtMs } = problem;
  const unattended = state === 'firing' && severity === 'critical' && told === 'firing' && acknowledgedAtMs === null;
  if (!unattended || escalations >= chats || nowMs < (mutedUntilMs ?? 0)) return false;
  return nowMs - firstAtMs >= afterMs * (escalations + 1);
}

/** The next chat hears all of the episode so far; what the first chats are still to hear stays untold. */
export function escalate(problem: Problem, nowMs: number): { problem: Problem; notice: Notice } {
  const { fingerprint, kind, service, severity, title, detail, total, firstAtMs } = problem;
  const escalations = problem.escalations + 1;
  return {
    problem: { ...problem, escalations },
    notice: { fingerprint, phase: 'escalated', count: total, total, kind, service, severity, title, detail, firstAtMs, atMs: nowMs, escalations },
  };
}
