import { waitMs } from '@schoolbell/time';
import type { PersonRole } from '@schoolbell/contracts';
import type { Rehearsal } from './rehearsal.ts';

/**
 * One negotiation, played over HTTP: a group whose clocks change on three different days of the year, or never. Its
 * series is moved over a clock change; one lesson is detached because somebody slept, and gets a time of its own.
 */
export const BEGINS_AT = '2027-03-01T09:00:00.000Z';
const RANGE = 'from=2027-03-01T00:00:00Z&to=2027-05-01T00:00:00Z';
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 50;

type Who = readonly [id: string, role: PersonRole];
const mia: Who = ['mia', 'manager'];
const tom: Who = ['tom', 'teacher'];
const anna: Who = ['anna', 'student'];
const kiran: Who = ['kiran', 'student'];
const paul: Who = ['paul', 'partner'];
const petra: Who = ['petra', 'partner'];

/** Who looks at the timetable, each on their own clock. */
export const READERS = [
  { who: anna, title: 'Anna, Berlin', zone: 'Europe/Berlin' },
  { who: tom, title: 'Tom, New York', zone: 'America/New_York' },
  { who: kiran, title: 'Kiran, Kathmandu', zone: 'Asia/Kathmandu' },
] as const;

export interface SeenLesson {
  readonly id: string;
  readonly number: number;
  readonly status: string;
  readonly text: string;
  readonly offered: { readonly text: string } | null;
  readonly next: { readonly kind: string; readonly text: string } | null;
}

/** What came true, and how the timetable looks to each reader then, in the order of `READERS`. */
export interface Act {
  readonly at: string;
  readonly what: string;
  readonly seen: readonly (readonly SeenLesson[])[];
}

interface Request {
  readonly id: string;
}

export async function playNegotiation({ clock, call }: Pick<Rehearsal, 'clock' | 'call'>): Promise<Act[]> {
  const acts: Act[] = [];
  const seenBy = async (who: Who): Promise<SeenLesson[]> => {
    const { items } = (await call(who, 'GET', `/v1/lessons?${RANGE}`)) as { items: SeenLesson[] };
    return items.toSorted((one, other) => one.number - other.number);
  };
  const act = async (at: string, what: string): Promise<void> => {
    acts.push({ at, what, seen: await Promise.all(READERS.map(({ who }) => seenBy(who))) });
  };

  const lessonIds = await sell(call);
  await act(BEGINS_AT, 'The school sells a group five Wednesdays, 14:30 in Berlin. Two clocks change on the way, on different days.');

  clock.set('2027-03-02T10:00:00.000Z');
  const asked = (await call(paul, 'POST', `/v1/lessons/${lessonIds[0]}/requests`, { scope: 'series', to: { wall: '2027-03-12T15:00' } })) as Request;
  await act('2027-03-02T10:00:00.000Z', "Paul, Anna's partner, asks to move the whole series to Fridays, 15:00.");

  clock.set('2027-03-03T08:00:00.000Z');
  await call(tom, 'POST', `/v1/requests/${asked.id}/counter`, { offer: 1, to: { wall: '2027-03-12T16:00' } });
  clock.set('2027-03-03T20:00:00.000Z');
  await call(petra, 'POST', `/v1/requests/${asked.id}/approve`, { offer: 2 });
  await act('2027-03-03T20:00:00.000Z', "Tom counters: Fridays, 16:00. Petra agrees for Kiran; Anna's seat is missing.");

  // Ten minutes before the first offered lesson: nobody calls, the service does it by itself.
  clock.set('2027-03-12T14:50:00.000Z');
  await until(async () => (await seenBy(anna))[0]?.status === 'awaiting');
  await act('2027-03-12T14:50:00.000Z', 'Nobody answered for Anna: ten minutes before its new time the first lesson is detached and goes on alone.');

  clock.set('2027-03-12T15:30:00.000Z');
  await call(anna, 'POST', `/v1/requests/${asked.id}/approve`, { offer: 2 });
  await act('2027-03-12T15:30:00.000Z', 'Anna agrees: the other four lessons are Fridays now, 16:00 in Berlin, on both sides of the clock change.');

  clock.set('2027-03-13T09:00:00.000Z');
  const { requestId } = (await call(anna, 'GET', `/v1/lessons/${lessonIds[0]}`)) as { requestId: string };
  await call(anna, 'POST', `/v1/requests/${requestId}/propose`, { to: { wall: '2027-03-15T17:00' } });
  await call(tom, 'POST', `/v1/requests/${requestId}/approve`, { offer: 1 });
  await call(kiran, 'POST', `/v1/requests/${requestId}/approve`, { offer: 1 });
  await act('2027-03-13T09:00:00.000Z', 'Anna proposes Monday, 17:00, for the detached lesson; Tom and Kiran agree. Nothing was forgotten.');
  return acts;
}

/** Everybody there is, a contract, and a group of two students. */
async function sell(call: Rehearsal['call']): Promise<string[]> {
  const zones: Readonly<Record<string, string>> = { tom: 'America/New_York', kiran: 'Asia/Kathmandu' };
  for (const [id, role] of [mia, tom, anna, kiran, paul, petra]) {
    await call(['root', 'admin'], 'PUT', `/v1/participants/${id}`, { role, zone: zones[id] ?? 'Europe/Berlin', locale: 'en' });
  }
  await call(mia, 'POST', '/v1/contracts', { teacherId: 'tom', zone: 'America/New_York', firstDay: '2027-01-01' });
  const sold = await call(mia, 'POST', '/v1/packages', {
    kind: 'group', zone: 'Europe/Berlin', teacherId: 'tom',
    seats: [{ studentId: 'anna', partnerId: 'paul' }, { studentId: 'kiran', partnerId: 'petra' }],
    startDate: '2027-03-08', weeks: 5, slots: [{ weekday: 3, time: '14:30' }], minutes: 60,
  });
  return (sold as { lessonIds: string[] }).lessonIds;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = AbortSignal.timeout(PATIENCE_MS);
  while (!(await isSo())) {
    if (end.aborted) throw new Error('the deadline was not carried out');
    await waitMs(LOOK_EVERY_MS);
  }
}
