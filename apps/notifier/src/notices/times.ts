import type { SchedulingData } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import { formatForReader, isZoneName, offsetMsAt, readerLanguage, type ReaderLanguage } from '@schoolbell/time/zones';
import type { Naming } from './naming.ts';
import type { Notice, RenderedLesson } from './notice.ts';

/** Times as the reader's clocks show them, and the other side's where they differ. */

type LessonData = SchedulingData['lessons'][number];

/** A zone that this release does not know is shown as UTC, which nobody mistakes for a place. */
const FALLBACK_ZONE = 'UTC';
export const knownZone = (zone: string): string => (isZoneName(zone) ? zone : FALLBACK_ZONE);

export interface Times {
  readonly language: ReaderLanguage;
  /** Weekday, date, time, city and offset in the reader's zone. */
  show(instant: string): string;
  lesson(lesson: LessonData): RenderedLesson;
}

export function createTimes(notice: Notice, naming: Naming): Times {
  const language = readerLanguage(notice.locale);
  const own = knownZone(notice.zone);
  const others = Map.groupBy(
    otherSide(notice).filter(({ id }) => id !== notice.readerId),
    ({ zone }) => knownZone(zone),
  );
  const showIn = (zone: string) => (instant: string): string =>
    formatForReader(parseInstant(instant), { language, zone, now: notice.createdAtMs });
  const differs = (zone: string, instants: readonly string[]): boolean =>
    instants.some((instant) => offsetMsAt(zone, parseInstant(instant)) !== offsetMsAt(own, parseInstant(instant)));

  return {
    language,
    show: showIn(own),
    lesson({ lessonId, oldStart, newStart }) {
      const instants = newStart === undefined || newStart === oldStart ? [oldStart] : [oldStart, newStart];
      const elsewhere = [...others].filter(([zone]) => differs(zone, instants));
      return {
        lessonId,
        old: showIn(own)(oldStart),
        ...(instants.length === 1 ? {} : { new: showIn(own)(newStart as string) }),
        otherSide: elsewhere.map(([zone, people]) =>
          `${naming.list(people.map(({ id }) => id))}: ${instants.map(showIn(zone)).join(' → ')}`),
      };
    },
  };
}

/** The teacher for students and partners, them for the teacher, both for a manager. */
function otherSide({ role, data: { people } }: Notice): SchedulingData['people'] {
  if (role === 'manager') return people;
  return people.filter((person) => (person.role === 'teacher') !== (role === 'teacher'));
}
