import { Identifier } from '@schoolbell/contracts';
import { lookUp } from '../sources/pointer.ts';

/** What may be shown of a quarantined body: canonical fields that are valid by themselves, nothing else. */
export interface KnownFields {
  readonly type?: string;
  readonly timestamp?: string;
  readonly organizationId?: string;
  readonly attemptId?: string;
  readonly learnerId?: string;
  readonly courseId?: string;
  readonly testId?: string;
}

const TYPE = /^[a-z][a-z0-9._-]{0,63}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT[0-9:.]{5,20}(Z|[+-]\d\d:\d\d)$/;
const IDS = ['organizationId', 'attemptId', 'learnerId', 'courseId', 'testId'] as const;

/** Ids pass only if they are pseudonymous identifiers, so an address or free text in their place is never listed. */
export function knownFields(value: unknown): KnownFields {
  const known: { -readonly [Name in keyof KnownFields]: string } = {};
  const type = lookUp(value, ['type']);
  if (typeof type === 'string' && TYPE.test(type)) known.type = type;
  const timestamp = lookUp(value, ['timestamp']);
  if (typeof timestamp === 'string' && TIMESTAMP.test(timestamp)) known.timestamp = timestamp;
  for (const name of IDS) {
    const id = Identifier.safeParse(lookUp(value, ['data', name]));
    if (id.success) known[name] = id.data;
  }
  return known;
}
