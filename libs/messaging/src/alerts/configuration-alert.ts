import type { ServiceName } from '@schoolbell/contracts';
import { classifyDatabaseError, createPeriodic, type Log, type Periodic } from '@schoolbell/service-kit';
import type { NewAlert } from './alerts.ts';

/** What is not stored yet is tried again so often. */
const TELL_EVERY_MS = 2000;
const DETAIL_MAX_LENGTH = 1500;

/** Tells of reloads that were refused. For the callbacks of `watchConfiguration`; never fails. */
export interface ConfigurationAlert {
  /** A configuration is in force: whatever was refused before is over. */
  applied(): Promise<void>;
  /** A new one was refused, the old one stays. */
  refused(error: Pick<Error, 'message'>): Promise<void>;
}

/**
 * The alert `configuration-refused` of a service. It is told at once; what cannot be stored is kept here, the newest
 * state only, and tried again. It begins as "over", which ends what an earlier life of the process left open.
 */
export function createConfigurationAlert(deps: {
  readonly service: ServiceName;
  /** Stores the alert; throws when it cannot. */
  readonly tell: (alert: NewAlert) => Promise<void>;
  readonly log: Log;
  readonly everyMs?: number;
}): ConfigurationAlert & Periodic {
  const { service, tell, log, everyMs = TELL_EVERY_MS } = deps;
  const alert = (state: NewAlert['state'], detail: string): NewAlert => ({
    fingerprint: `configuration-refused:${service}`,
    kind: 'configuration-refused',
    state,
    severity: 'warning',
    title: `${service} refused a new configuration and keeps the old one`,
    detail: detail.slice(0, DETAIL_MAX_LENGTH),
  });
  const over = alert('resolved', 'A configuration without problems is in force.');
  let untold: NewAlert | undefined = over;
  let lastAttempt = Promise.resolve();

  /** One after the other: a tick during the telling would find the same state still untold, and tell it twice. */
  function attempt(): Promise<void> {
    lastAttempt = lastAttempt.then(tellUntold);
    return lastAttempt;
  }

  async function tellUntold(): Promise<void> {
    if (untold === undefined) return;
    const telling = untold;
    try {
      await tell(telling);
    } catch (error) {
      // An outage has an alert of its own.
      if (classifyDatabaseError(error) !== 'unavailable') log.warn({ err: error }, 'the alert about the configuration is not stored yet');
      return;
    }
    if (untold === telling) untold = undefined;
  }

  function now(state: NewAlert): Promise<void> {
    untold = state;
    return attempt();
  }

  const periodic = createPeriodic({ name: 'configuration-alert', everyMs, log, run: attempt });
  return {
    applied: () => now(over),
    refused: ({ message }) => now(alert('firing', message)),
    start: () => periodic.start(),
    stop: () => periodic.stop(),
  };
}
