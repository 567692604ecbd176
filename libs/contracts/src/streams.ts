import { SERVICE_NAMES, type ServiceName } from './services.ts';

/** A durable consumer of a stream. Relays keep what these have not confirmed, so every durable is named here. */
export interface DurableDefinition {
  readonly name: string;
  readonly service: ServiceName;
}

/** A JetStream stream: one producer, limits retention, and the durables that must confirm before a row is done. */
export interface StreamDefinition {
  readonly name: string;
  readonly producer: ServiceName;
  readonly subjects: readonly string[];
  readonly durables: readonly DurableDefinition[];
}

const stream = (definition: StreamDefinition): StreamDefinition => Object.freeze(definition);

export const ingestResultStream = stream({
  name: 'INGEST_RESULT',
  producer: 'ingest',
  subjects: ['ingest.result.*'],
  durables: [
    { name: 'results-fold', service: 'results' },
    { name: 'scheduling-assessment', service: 'scheduling' },
  ],
});
export const resultsSummaryStream = stream({
  name: 'RESULTS_SUMMARY',
  producer: 'results',
  subjects: ['results.summary.*'],
  durables: [{ name: 'delivery-summary', service: 'delivery' }],
});
export const resultsRatingStream = stream({
  name: 'RESULTS_RATING',
  producer: 'results',
  subjects: ['results.rating.*'],
  durables: [{ name: 'delivery-rating', service: 'delivery' }],
});
export const deliveryStream = stream({
  name: 'DELIVERY',
  producer: 'delivery',
  subjects: ['delivery.>'],
  durables: [],
});
export const schedulingStream = stream({
  name: 'SCHEDULING',
  producer: 'scheduling',
  subjects: ['scheduling.>'],
  durables: [{ name: 'notifier-scheduling', service: 'notifier' }],
});
/** Each service has its own alert stream, because a stream has one producer. */
export const alertStream = (service: ServiceName): StreamDefinition =>
  stream({
    name: `ALERTS_${service.toUpperCase()}`,
    producer: service,
    subjects: [`alerts.${service}.>`],
    durables: service === 'notifier' ? [] : [{ name: `notifier-alerts-${service}`, service: 'notifier' }],
  });

export const STREAMS: readonly StreamDefinition[] = Object.freeze([
  ingestResultStream,
  resultsSummaryStream,
  resultsRatingStream,
  deliveryStream,
  schedulingStream,
  ...SERVICE_NAMES.filter((service) => service !== 'notifier').map(alertStream),
]);
