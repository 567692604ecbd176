/** `degraded` still takes work, `down` does not. */
export type HealthState = 'ok' | 'degraded' | 'down';

export interface HealthCheck {
  readonly name: string;
  readonly state: HealthState;
  readonly detail?: string;
}

export interface HealthReport {
  /** The worst state of all checks. */
  readonly status: HealthState;
  readonly checks: readonly HealthCheck[];
}

/** What a service knows about itself. Whoever holds a resource sets the check of its name. */
export interface Health {
  set(check: string, state: HealthState, detail?: string): void;
  report(): HealthReport;
}

const ORDER: readonly HealthState[] = ['ok', 'degraded', 'down'];

/** Without checks a service is `ok`. */
export function createHealth(): Health {
  const checks = new Map<string, HealthCheck>();
  return {
    set(name, state, detail) {
      checks.set(name, detail === undefined ? { name, state } : { name, state, detail });
    },
    report() {
      const list = [...checks.values()];
      const worst = Math.max(0, ...list.map(({ state }) => ORDER.indexOf(state)));
      return { status: ORDER[worst]!, checks: list };
    },
  };
}
