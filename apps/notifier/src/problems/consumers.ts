import { alertRaised, alertStream, SERVICE_NAMES, type AlertData } from '@schoolbell/contracts';
import type { Messaging } from '@schoolbell/messaging';
import type { Clock } from '@schoolbell/time';
import { arrivalOf } from './intake.ts';
import type { Arrival, ProblemLedger } from './ledger.ts';

/** The alert streams of all services that have one, each with its own durable. */
export function consumeAlerts(deps: { messaging: Pick<Messaging, 'consume'>; ledger: ProblemLedger; clock: Clock; told: () => void }): void {
  const { messaging, ledger, clock, told } = deps;
  for (const service of SERVICE_NAMES) {
    const stream = alertStream(service);
    const [durable] = stream.durables;
    if (durable === undefined) continue;
    messaging.consume({
      stream,
      durable,
      accepts: [alertRaised(service)],
      apply: async (tx, events) => {
        await ledger.take(tx, events.map(arrivalOf), clock.now());
        return [];
      },
      afterCommit: told,
      onDead: tellDeadLetters({ ledger, clock }),
    });
  }
}

/** The notifier tells itself at once of what its consumers park: its own alerts need no stream. */
export const tellDeadLetters = ({ ledger, clock }: { ledger: ProblemLedger; clock: Clock }): NonNullable<Parameters<Messaging['consume']>[0]['onDead']> =>
  async (tx, letters) => {
    const nowMs = clock.now();
    await ledger.take(tx, letters.map(({ durable, code, detail, eventId }) => ownAlert(durable, code, detail, eventId, nowMs)), nowMs);
  };

function ownAlert(durable: string, code: string, detail: string, eventId: string, nowMs: number): Arrival {
  const alert: AlertData = {
    fingerprint: `dead-letter:${durable}:${code}`,
    kind: 'dead-letter',
    state: 'firing',
    severity: 'critical',
    service: 'notifier',
    title: `Events of ${durable} could not be handled (${code})`,
    detail: `${detail} Listed at /v1/dead-letters, replayable there after a fix.`.slice(0, 2_000),
    labels: { durable, code, eventId },
  };
  return { sighting: { alert, atMs: nowMs, level: false } };
}
