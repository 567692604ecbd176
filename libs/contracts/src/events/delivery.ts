import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { Slug } from '../identifiers.ts';

const destination = { destinationId: Slug, organizationId: z.string() };

export const deliveryCircuitChanged = defineEvent({
  type: 'delivery.circuit.changed.v1',
  subject: 'delivery.circuit.changed',
  data: z.object({ ...destination, circuit: z.enum(['closed', 'open']), reason: z.string() }),
  description: "A destination's circuit opened or closed. Probes in between are told by no event.",
});
export const deliveryDestinationChanged = defineEvent({
  type: 'delivery.destination.changed.v1',
  subject: 'delivery.destination.changed',
  data: z.object({ ...destination, state: z.enum(['active', 'paused', 'disabled']), reason: z.string() }),
  description: 'A destination was paused, resumed or disabled.',
});
export const deliverySummaryParked = defineEvent({
  type: 'delivery.summary.parked.v1',
  subject: 'delivery.summary.parked',
  data: z.object({ ...destination, subjectKey: z.string(), revision: z.int(), attempts: z.int(), reason: z.string() }),
  description: 'A summary could not be delivered within its budget and waits for a newer revision or a person.',
});
