import { resultsRatingUpdated, resultsSummaryUpdated, type RatingUpdatedData, type SummaryUpdatedData } from '@schoolbell/contracts';
import type { ReceivedEvent } from '@schoolbell/messaging';
import type { Destination } from '../destination/compile.ts';
import { compareKeys } from '../wanted/mark.ts';

/** The newest revision of one key for one destination. */
export interface Wish {
  readonly destinationId: string;
  readonly organizationId: string;
  readonly kind: 'summary' | 'rating';
  readonly key: string;
  readonly revision: number;
  readonly body: string;
}

/**
 * What a batch of events asks for: for every destination that wants it the newest revision of each key, sorted, no key
 * twice. Events about organizations without a destination ask for nothing.
 */
export function group(
  events: readonly ReceivedEvent[],
  wanting: (organizationId: string, kind: 'summary' | 'rating') => readonly Pick<Destination, 'id'>[],
): readonly Wish[] {
  const newest = new Map<string, Wish>();
  for (const event of events) {
    const told = read(event);
    for (const { id } of wanting(told.organizationId, told.kind)) {
      const identity = `${id}\n${told.kind}\n${told.key}`;
      const known = newest.get(identity);
      if (known !== undefined && known.revision >= told.revision) continue;
      newest.set(identity, { destinationId: id, ...told });
    }
  }
  return [...newest.values()].sort((a, b) =>
    a.destinationId === b.destinationId ? compareKeys(a, b) : a.destinationId < b.destinationId ? -1 : 1,
  );
}

type Told = Omit<Wish, 'destinationId'>;

function read(event: ReceivedEvent): Told {
  switch (event.type) {
    case resultsSummaryUpdated.type: {
      const { organizationId, learnerId, revision, body } = event.data as SummaryUpdatedData;
      return { organizationId, kind: 'summary', key: learnerId, revision, body };
    }
    case resultsRatingUpdated.type: {
      const { organizationId, courseId = '', revision, body } = event.data as RatingUpdatedData;
      return { organizationId, kind: 'rating', key: courseId, revision, body };
    }
    default:
      throw new Error(`a consumer of delivery got an event that it does not accept: ${event.type}`);
  }
}
