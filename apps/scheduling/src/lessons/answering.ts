import { schedulingAwaiting } from '@schoolbell/contracts';
import { serve, type Nats } from '@schoolbell/messaging';
import type { Database, Log } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { countAwaiting } from './awaiting.ts';
import type { Timetable } from './query.ts';

/** What scheduling answers to the notifier over NATS: the list of `GET /v1/awaiting`, without people. Returns how to stop. */
export function answerRequests(deps: { nats: Nats; db: Database; timetable: Pick<Timetable, 'awaiting'>; log: Log }): () => void {
  const { db, timetable } = deps;
  return serve(deps, schedulingAwaiting, async ({ limit }) => {
    const [counts, items] = await Promise.all([countAwaiting(db, 0), timetable.awaiting({}, { limit })]);
    return {
      totals: { offered: 0, awaiting: 0, lapsed: 0, ...Object.fromEntries(counts.map(({ status, lessons }) => [status, lessons])) },
      items: items.flatMap(({ lesson: { id, status, start, next }, kind }) =>
        next === undefined || (status !== 'offered' && status !== 'awaiting' && status !== 'lapsed')
          ? []
          : [{ lessonId: id, packageKind: kind, status, start: formatInstant(start), next: { at: formatInstant(next.at), kind: next.kind } }],
      ),
    };
  });
}
