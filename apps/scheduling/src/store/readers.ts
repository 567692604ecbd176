import type { Tx } from '@schoolbell/service-kit';
import type { PackageFacts } from './packages.ts';

/** Who hears of a package, and on which clock and in which language they read. */
export interface Reader {
  readonly id: string;
  readonly zone: string;
  readonly locale: string;
}

const readPeople = {
  name: 'scheduling_read_people',
  text: 'SELECT id, zone, locale FROM participant WHERE id = ANY ($1::text[])',
};

export const readReaders = (tx: Tx, ids: readonly string[]): Promise<Reader[]> => tx.query<Reader>(readPeople, [ids]);

/** Ids and roles of everybody in the package. One partner may have several seats. */
export function peopleOf({ teacherId, seats }: Pick<PackageFacts, 'teacherId' | 'seats'>) {
  const partners = new Set(seats.map(({ partnerId }) => partnerId));
  return [
    { id: teacherId, role: 'teacher' as const },
    ...seats.map(({ studentId }) => ({ id: studentId, role: 'student' as const })),
    ...[...partners].map((id) => ({ id, role: 'partner' as const })),
  ];
}
