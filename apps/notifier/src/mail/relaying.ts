/** So many readers in a row, with nobody's mail taken between them, are no policy about one of them. */
export const READERS_ENOUGH = 3;
/** Where nobody else is written to: tries, a minute apart. */
export const TRIES_ENOUGH = 5;

/** Tells whether refusals that say that we may not send are about us. */
export interface Relaying {
  /** Such a refusal. True: there is enough of it to call the server unusable. */
  refused(readerId: string): boolean;
  /** The server has dealt with a mail to this reader in another way: whoever was refused before is a case of their own. */
  served(readerId: string): void;
}

/**
 * A server says 5.7.x also where a policy concerns one reader alone, and the mails to others go on: then nobody has to
 * mend anything here, and an alert would come and go with each of them.
 */
export function createRelaying(): Relaying {
  const tries = new Map<string, number>();
  const alone = new Set<string>();
  return {
    refused(readerId) {
      if (alone.has(readerId)) return false;
      const count = (tries.get(readerId) ?? 0) + 1;
      tries.set(readerId, count);
      return tries.size >= READERS_ENOUGH || count >= TRIES_ENOUGH;
    },
    served(readerId) {
      for (const other of tries.keys()) alone.add(other);
      tries.clear();
      alone.delete(readerId);
    },
  };
}
