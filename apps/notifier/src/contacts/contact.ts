import type { OptionalTopic } from './topics.ts';

/** A person as only the notifier knows them. */
export interface Contact {
  readonly participantId: string;
  /** As it was given: made harmless where it is shown, see notices/harmless.ts. */
  readonly name: string;
  readonly email: string | null;
  /** Topics of mail that the person does not want. */
  readonly unwanted: readonly OptionalTopic[];
  /** Rises with every change. */
  readonly version: number;
}

/** A person as whoever keeps contacts brings them. Without `unwanted` nothing is said about mail: what is known stays. */
export type NewContact = Omit<Contact, 'version' | 'unwanted'> & { readonly unwanted?: readonly OptionalTopic[] | undefined };
