import type { SchedulingData } from '@schoolbell/contracts';
import { harmless, NAME_MAX } from './harmless.ts';
import type { Names, Notice, ReaderRole } from './notice.ts';
import type { Who, Words } from './words/words.ts';

/** How people are called in a notice: the reader `you`, others by the name of their contact, else by their role. */
export interface Naming {
  who(id: string): Who;
  /** As the beginning of a sentence. */
  subject(id: string): Who;
  list(ids: readonly string[]): string;
}

/** Names of one list; the rest is counted. */
const LISTED_MAX = 6;

export function createNaming(notice: Notice, names: Names, words: Words): Naming {
  const roles = new Map(everybodyIn(notice.data).map(({ id, role }) => [id, role]));

  function who(id: string): Who {
    if (id === notice.readerId) return { name: words.you, you: true, system: false };
    const known = names(id);
    const name = known === undefined ? '' : harmless(known, NAME_MAX);
    return { name: name === '' ? words.roleName(roles.get(id) ?? 'manager', notice.role) : name, you: false, system: false };
  }

  return {
    who,
    subject(id) {
      const person = who(id);
      return { ...person, system: id === notice.data.by.id && notice.data.by.role === 'system', name: capitalized(person.name) };
    },
    list(ids) {
      const called = [...new Set(ids.map((id) => who(id).name))];
      const more = called.length - LISTED_MAX;
      return [...called.slice(0, LISTED_MAX), ...(more > 0 ? [`+${more}`] : [])].join(', ');
    },
  };
}

function everybodyIn({ people, managers, former, by }: SchedulingData): { id: string; role: ReaderRole }[] {
  const actor = by.role === 'system' ? [] : [{ id: by.id, role: by.role }];
  return [...actor, ...managers, ...former, ...people];
}

const capitalized = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
