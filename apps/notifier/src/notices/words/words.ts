import type { NoticeKind, ReaderRole } from '../notice.ts';

/** What one language says. Sentences are whole in each language, because no two build them alike. */

/** Somebody as the subject of a sentence; names are never inflected. */
export interface Who {
  readonly name: string;
  readonly you: boolean;
  readonly system: boolean;
}

/** What a headline speaks of. */
export interface Clause {
  readonly by: Who;
  /** Whoever joined, left or takes over. */
  readonly person: Who;
  readonly lessons: number;
  readonly reader: ReaderRole;
  /** The reader took part until now. */
  readonly former: boolean;
  readonly byDatabase: boolean;
  readonly part: string | undefined;
}

/** How lessons stand that lost their offer. */
export interface Endings {
  readonly back: number;
  readonly pastStart: number;
  readonly slotTaken: number;
}

/** A person without a contact is named by the role that they have for the reader. */
export type RoleNames = (role: ReaderRole, reader: ReaderRole) => string;

export interface Words {
  readonly you: string;
  readonly roleName: RoleNames;
  /** One clause without a full stop. */
  readonly headline: Readonly<Record<NoticeKind, (clause: Clause) => string>>;
  readonly first: (when: string) => string;
  readonly reminderIncluded: string;
  readonly endings: (endings: Endings) => string[];
  readonly closedBecause: Readonly<Record<string, string>>;
  readonly reason: (text: string) => string;
  readonly yourAnswer: string;
  readonly waitingFor: (names: string) => string;
  readonly notAnswered: (names: string) => string;
  readonly leftOut: (count: number) => string;
  readonly anySideProposes: string;
  readonly restorable: (until: string) => string;
  readonly absent: (names: string, by: string) => string;
  readonly uncovered: string;
  readonly tooSmall: (reader: ReaderRole) => string;
  readonly wallClockStays: (city: string) => string;
  readonly ifNobody: {
    readonly declined: (by: string) => string;
    readonly oldTimeLost: (from: string) => string;
    readonly detached: (first: string) => string;
    readonly staysAsItIs: (by: string) => string;
    readonly lapses: (at: string) => string;
    readonly remindedAgain: (at: string) => string;
  };
}
