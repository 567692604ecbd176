import type { Actor, Facts, Offer } from './state.ts';

/**
 * Who must agree. Everybody who must be heard has a voice: the teacher, and each active seat, spoken for by its student
 * or partner. An offer binds when every voice agrees; the offerer's own voices agree by offering. With one student that
 * is "the other side's first valid answer binds", with a group it is "the teacher and every seat, whoever asks".
 */
const TEACHER_VOICE = 'teacher';
const seatVoice = (studentId: string): string => `seat:${studentId}`;

type People = Pick<Facts, 'teacherId' | 'seats'>;

/** All voices of a package. */
export const voicesOf = ({ seats }: People): string[] => [TEACHER_VOICE, ...seats.map(({ studentId }) => seatVoice(studentId))];

/** The voices a person speaks for; none for strangers, managers and the system. */
export function voicesOfActor({ id, role }: Actor, { teacherId, seats }: People): string[] {
  switch (role) {
    case 'teacher':
      return id === teacherId ? [TEACHER_VOICE] : [];
    case 'student':
      return seats.filter(({ studentId }) => studentId === id).map(({ studentId }) => seatVoice(studentId));
    case 'partner':
      return seats.filter(({ partnerId }) => partnerId === id).map(({ studentId }) => seatVoice(studentId));
    case 'manager':
    case 'system':
      return [];
  }
}

/** Voices that have not agreed to an offer yet. */
export const missingVoices = (offer: Pick<Offer, 'agreed'>, people: People): string[] =>
  voicesOf(people).filter((voice) => !offer.agreed.includes(voice));

/** The people who can speak for a voice. */
export function speakersOf(voice: string, { teacherId, seats }: People): string[] {
  if (voice === TEACHER_VOICE) return [teacherId];
  return seats.filter(({ studentId }) => seatVoice(studentId) === voice).flatMap(({ studentId, partnerId }) => [studentId, partnerId]);
}

/** The voices with which a person may answer an offer: their own, unless they are the offerer's. */
export function answeringVoices(actor: Actor, offer: Offer, people: People): string[] {
  const offering = voicesOfActor(offer.by, people);
  return voicesOfActor(actor, people).filter((voice) => !offering.includes(voice));
}

/** Who opened a round, or the partner of the student who did. */
export function mayWithdraw(actor: Actor, openedBy: Actor, { seats }: People): boolean {
  if (actor.id === openedBy.id && actor.role === openedBy.role) return true;
  return actor.role === 'partner' && openedBy.role === 'student'
    && seats.some(({ studentId, partnerId }) => studentId === openedBy.id && partnerId === actor.id);
}
