/** How a probe becomes alerts. */
export interface LevelTriggerLimits {
  /** Failures in a row that make it trouble: one lost packet is none. */
  readonly failuresToFire: number;
  /** The trouble is told again this often, because nothing keeps a direct alert for a notifier that was away. */
  readonly repeatEveryMs: number;
  /** How many times the end is told, for the same reason. */
  readonly resolvedRepeats: number;
}

export const LEVEL_TRIGGER_LIMITS: LevelTriggerLimits = Object.freeze({ failuresToFire: 2, repeatEveryMs: 5_000, resolvedRepeats: 3 });

/** What a level trigger remembers between two probes. */
export interface LevelTriggerState {
  readonly failures: number;
  readonly firing: boolean;
  readonly saidAtMs: number | undefined;
  /** Times that the end is still to be told. */
  readonly resolvedLeft: number;
}

/** The end is told once at the start: it closes what a former process left open. Whoever knows of nothing ignores it. */
export const INITIAL_LEVEL: LevelTriggerState = Object.freeze({ failures: 0, firing: false, saidAtMs: undefined, resolvedLeft: 1 });

export interface LevelTriggerStep {
  readonly state: LevelTriggerState;
  /** What to tell now, if anything. */
  readonly say?: 'firing' | 'resolved';
}

/**
 * A level-triggered alert: told for as long as the trouble lasts, and its end told too. Unlike an edge it survives a
 * message that nobody heard.
 */
export function stepLevelTrigger(
  state: LevelTriggerState,
  ok: boolean,
  nowMs: number,
  limits: LevelTriggerLimits = LEVEL_TRIGGER_LIMITS,
): LevelTriggerStep {
  const due = state.saidAtMs === undefined || nowMs - state.saidAtMs >= limits.repeatEveryMs;
  if (!ok) {
    const failures = state.failures + 1;
    const firing = state.firing || failures >= limits.failuresToFire;
    if (firing && (due || !state.firing)) return { state: { failures, firing, saidAtMs: nowMs, resolvedLeft: 0 }, say: 'firing' };
    return { state: { ...state, failures, firing } };
  }
  const ended = state.firing;
  const left = ended ? limits.resolvedRepeats : state.resolvedLeft;
  if (left > 0 && (ended || due)) return { state: { failures: 0, firing: false, saidAtMs: nowMs, resolvedLeft: left - 1 }, say: 'resolved' };
  return { state: { ...state, failures: 0, firing: false, resolvedLeft: left } };
}
