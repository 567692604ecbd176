import { INITIAL_LEVEL, LEVEL_TRIGGER_LIMITS, stepLevelTrigger, type NewAlert } from '@schoolbell/messaging';
import { createPeriodic, type Database, type Health, type Log, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { FAULT_ADVICE, type SmtpFault } from './fault.ts';
import type { MailMetrics, MailQueueStatus } from './metrics.ts';
import { mailQueueStatus, reviveMailboxes } from './status.ts';

const LOOK_EVERY_MS = 5_000;
/** Mails go within a minute; a server may be restarted. Later than this somebody is told. */
export const BACKLOG_PATIENCE_MS = 5 * 60_000;
const LIMITS = { ...LEVEL_TRIGGER_LIMITS, failuresToFire: 1, repeatEveryMs: 60_000 };

const BACKLOG = { fingerprint: 'mail-backlog', kind: 'mail-backlog', severity: 'critical', title: 'Mails to people do not go out' } as const;
const UNUSABLE = { fingerprint: 'smtp-unusable', kind: 'smtp-unusable', severity: 'critical', title: 'The SMTP server cannot be used as it is configured' } as const;

/** Keeps the metrics and the health of the mail queue, and tells the on-call admin when it does not get shorter, or never will by itself. */
export function createMailWatch(deps: {
  db: Database;
  fault: () => SmtpFault | undefined;
  clock: Clock;
  log: Log;
  health: Health;
  metrics: MailMetrics;
  report: (alert: NewAlert) => void;
}): Periodic {
  const { db, fault, clock, health, metrics } = deps;
  const backlog = createLevel(BACKLOG, deps.report);
  const unusable = createLevel(UNUSABLE, deps.report);
  return createPeriodic({
    name: 'mail-queue',
    everyMs: LOOK_EVERY_MS,
    log: deps.log,
    run: async () => {
      const nowMs = clock.now();
      const why = fault();
      unusable(why && `${FAULT_ADVICE[why]} Mails wait and nothing is lost; a new configuration is taken up with SIGHUP.`, 'It is used again.', nowMs);
      await reviveMailboxes(db, nowMs);
      const status = await mailQueueStatus(db, nowMs);
      metrics.queue(status);
      const late = lateness(status);
      if (late === undefined && why === undefined) health.set('mail', 'ok');
      else health.set('mail', 'degraded', why === undefined ? late : FAULT_ADVICE[why]);
      backlog(late && `${late}. Nothing is lost, and the inboxes have it all.`, 'They go out again.', nowMs);
    },
  });
}

const lateness = ({ waiting, oldestSeconds }: MailQueueStatus): string | undefined =>
  oldestSeconds * 1_000 < BACKLOG_PATIENCE_MS ? undefined : `${waiting} notices wait, the oldest for ${Math.round(oldestSeconds / 60)} minutes`;

/** Tells a trouble for as long as it lasts, and its end. */
function createLevel(alert: Omit<NewAlert, 'state' | 'detail'>, report: (alert: NewAlert) => void) {
  let level = INITIAL_LEVEL;
  return (trouble: string | undefined, end: string, nowMs: number): void => {
    const { state, say } = stepLevelTrigger(level, trouble === undefined, nowMs, LIMITS);
    level = state;
    if (say !== undefined) report({ ...alert, state: say, detail: trouble ?? end });
  };
}
