import type { AlertData } from '@schoolbell/contracts';
import { digestPauseMs, FLAP_WINDOW_MS, FLAPS_TOLD_AT_ONCE, FORGET_STEPS_AFTER_MS } from './policy.ts';
import type { Notice, NoticePhase, Problem, Sighting } from './problem.ts';

export type ProblemEvent =
  | { readonly type: 'alert'; readonly sighting: Sighting }
  /** Time has passed: is there something to tell? */
  | { readonly type: 'tick' }
  /** Nobody reports it any more. Told, or closed in silence if it was an event without an end. */
  | { readonly type: 'expire'; readonly tell: boolean };

export interface Decision {
  /** Undefined: nothing is known of this fingerprint and nothing needs to be. */
  readonly problem: Problem | undefined;
  readonly notice?: Notice;
}

/**
 * The whole of grouping: the first alert of an episode at once, then digests at rising intervals with the count of
 * what came meanwhile, then exactly one end. Counts of all notices add up to the alerts.
 */
export function decide(problem: Problem | undefined, event: ProblemEvent, nowMs: number): Decision {
  switch (event.type) {
    case 'alert': {
      const next = see(problem, event.sighting, nowMs);
      return next === undefined ? { problem } : speak(next, nowMs);
    }
    case 'tick':
      return problem === undefined ? { problem } : speak(problem, nowMs);
    case 'expire':
      return problem?.state === 'firing' ? expire(problem, event.tell, nowMs) : { problem };
  }
}

function see(problem: Problem | undefined, { alert, atMs, level }: Sighting, nowMs: number): Problem | undefined {
  const count = alert.state === 'firing' ? 1 : 0;
  if (problem === undefined) {
    // The end of something unknown: of a level it says nothing; of an event it may have overtaken its beginning.
    if (count === 0 && level) return undefined;
    return { ...described(alert, level), ...beginning(atMs, nowMs), ...stated(alert.state, atMs, nowMs), total: count, untold: count, flaps: 0, told: 'nothing', toldAtMs: null, mutedUntilMs: null };
  }
  const counted = { ...problem, lastAtMs: nowMs, total: problem.total + count, untold: problem.untold + count };
  // Late: a newer alert has already said how things stand.
  if (atMs < problem.stateAtMs) return counted;
  if (alert.state === 'resolved') return { ...counted, ...described(alert, level), ...stated('resolved', atMs, nowMs) };
  if (problem.state === 'resolved') return begin(problem, { alert, atMs, level }, nowMs);
  const forgotten = problem.untold === 0 && nowMs - problem.lastAtMs > FORGET_STEPS_AFTER_MS;
  const steps = forgotten ? { step: 0, quietUntilMs: nowMs } : {};
  return { ...counted, ...described(alert, level), ...stated('firing', atMs, nowMs), ...steps };
}

/** A new episode of a problem that was over. */
function begin(problem: Problem, { alert, atMs, level }: Sighting, nowMs: number): Problem {
  const soon = problem.resolvedAtMs !== null && nowMs - problem.resolvedAtMs < FLAP_WINDOW_MS;
  const flaps = soon ? problem.flaps + 1 : 0;
  const excess = flaps - FLAPS_TOLD_AT_ONCE;
  const quietUntilMs = excess > 0 && problem.toldAtMs !== null ? problem.toldAtMs + digestPauseMs(excess - 1) : nowMs;
  return {
    ...problem,
    ...described(alert, level),
    ...beginning(atMs, nowMs),
    ...stated('firing', atMs, nowMs),
    quietUntilMs,
    flaps,
    total: problem.untold + 1,
    untold: problem.untold + 1,
  };
}

function expire(problem: Problem, tell: boolean, nowMs: number): Decision {
  const over: Problem = { ...problem, state: 'resolved', resolvedAtMs: nowMs };
  if (tell) return speak({ ...over, detail: 'Nobody reports it any more.' }, nowMs);
  return { problem: { ...over, told: 'resolved', step: 0 } };
}

/** What is due to be told of a problem as it stands. */
function speak(problem: Problem, nowMs: number): Decision {
  const due = nowMs >= Math.max(problem.quietUntilMs, problem.mutedUntilMs ?? 0);
  if (problem.state === 'resolved') {
    if (problem.told === 'firing') return tell(problem, 'resolved', nowMs);
    return problem.untold > 0 && due ? tell(problem, 'passed', nowMs) : { problem };
  }
  if (!due) return { problem };
  if (problem.told !== 'firing') return tell(problem, 'first', nowMs);
  return problem.untold > 0 ? tell(problem, problem.step === 0 ? 'first' : 'digest', nowMs) : { problem };
}

function tell(problem: Problem, phase: NoticePhase, nowMs: number): Decision {
  const { fingerprint, kind, service, severity, title, detail, total, firstAtMs, escalations } = problem;
  return {
    notice: { fingerprint, phase, count: problem.untold, total, kind, service, severity, title, detail, firstAtMs, atMs: nowMs, escalations },
    problem: {
      ...problem,
      told: problem.state,
      toldAtMs: nowMs,
      untold: 0,
      step: phase === 'resolved' ? 0 : problem.step + 1,
      quietUntilMs: phase === 'resolved' ? nowMs : nowMs + digestPauseMs(problem.step),
    },
  };
}

function described(alert: AlertData, level: boolean) {
  const { fingerprint, kind, service, severity, title, detail, labels } = alert;
  return { fingerprint, kind, service, severity, title, detail, labels, level };
}

function beginning(atMs: number, nowMs: number) {
  const attention = { acknowledgedAtMs: null, acknowledgedBy: null, escalations: 0 };
  return { firstAtMs: Math.min(atMs, nowMs), lastAtMs: nowMs, step: 0, quietUntilMs: nowMs, ...attention };
}

// A producer whose clock is ahead must not outrank what is told in an hour.
function stated(state: AlertData['state'], atMs: number, nowMs: number) {
  return { state, stateAtMs: Math.min(atMs, nowMs), resolvedAtMs: state === 'resolved' ? nowMs : null };
}
