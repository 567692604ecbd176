import type { Participant } from '../people/store.ts';
import type { PackageFacts } from './packages.ts';

/** Who hears of a package, and on which clock and in which language they read. */
export type Reader = Pick<Participant, 'id' | 'zone' | 'locale'>;

/** Ids and roles of everybody in the package. One partner may have several seats. */
export function peopleOf({ teacherId, seats }: Pick<PackageFacts, 'teacherId' | 'seats'>) {
  const partners = new Set(seats.map(({ partnerId }) => partnerId));
  return [
    { id: teacherId, role: 'teacher' as const },
    ...seats.map(({ studentId }) => ({ id: studentId, role: 'student' as const })),
    ...[...partners].map((id) => ({ id, role: 'partner' as const })),
  ];
}
