import { schedulingEvent, type SchedulingData } from '@schoolbell/contracts';
import type { NewEvent, Outbox } from '@schoolbell/messaging';
import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { speakersOf } from '../moves/consent.ts';
import type { MoveEvent, MoveEventType } from '../moves/events.ts';
import { findParticipants } from '../people/store.ts';
import type { Tell, Told } from './perform.ts';
import { peopleOf, type Reader } from './readers.ts';
import { readStanding, type Standing } from './standing.ts';

/** Writes each event twice in the transaction of its effect: as a row of the audit trail, and as a message to be told. */

const readManagers = {
  name: 'scheduling_read_managers',
  text: `SELECT id, zone, locale FROM participant WHERE role = 'manager' ORDER BY id LIMIT $1`,
};
/** Managers of a school who hear of what is theirs to decide. */
const MANAGERS_MAX = 50;
const FOR_MANAGERS: readonly MoveEventType[] = [
  'lesson.lapsed', 'lesson.manager-asked', 'lesson.set', 'lesson.limit-extended', 'lesson.uncovered', 'package.too-small',
  'package.size-accepted',
];
const insertTransitions = {
  name: 'scheduling_insert_transitions',
  text: `INSERT INTO transition (at, package_id, request_id, lesson_ids, type, by_id, by_role, body)
         SELECT at, package_id, request_id, ARRAY (SELECT json_array_elements_text(lesson_ids))::uuid[], type, by_id, by_role, body
           FROM json_to_recordset($1::json) AS new (
             at timestamptz, package_id uuid, request_id uuid, lesson_ids json, type text, by_id text, by_role text, body jsonb)`,
};

export function createTell({ outbox }: { outbox: Outbox }): Tell {
  return async (tx, told) => {
    const spoken = told.filter(({ events }) => events.length > 0);
    if (spoken.length === 0) return;
    const ids = new Set(spoken.flatMap(({ facts, events }) => [...peopleOf(facts), ...events.flatMap(formerOf)].map(({ id }) => id)));
    const forManagers = spoken.some(({ events }) => events.some(({ type }) => FOR_MANAGERS.includes(type)));
    const readers = new Map(spoken.flatMap((one) => one.readers ?? []).map((reader) => [reader.id, reader]));
    const others = [...ids].filter((id) => !readers.has(id));
    const [people, managers, standing] = await Promise.all([
      others.length === 0 ? [] : findParticipants(tx, others), forManagers ? tx.query<Reader>(readManagers, [MANAGERS_MAX]) : [], readStanding(tx, spoken),
    ]);
    for (const reader of people) readers.set(reader.id, reader);
    const known: Known = { readers, managers, standing };
    const all = spoken.flatMap((one) => one.events.map((event) => ({ event, data: toData(event, one, known) })));
    trail(tx, all);
    await outbox.append(tx, all.map(({ event, data }) => toMessage(event, data)));
  };
}

const trail = (tx: Tx, all: readonly { event: MoveEvent; data: SchedulingData }[]): void =>
  tx.send(insertTransitions, [JSON.stringify(all.map(({ event, data }) => ({
    at: data.at, package_id: data.packageId, request_id: event.requestId ?? null, lesson_ids: event.lessons.map(({ lessonId }) => lessonId),
    type: event.type, by_id: event.by.id, by_role: event.by.role, body: { ...data, people: undefined, managers: undefined, former: undefined },
  })))]);

const toMessage = (event: MoveEvent, data: SchedulingData): NewEvent => ({
  definition: schedulingEvent(event.type), data, subject: event.requestId ?? event.lessons[0]?.lessonId,
});

/** Whoever was replaced hears of it too. */
const formerOf = (event: MoveEvent) =>
  event.type === 'package.teacher-replaced' && event.reason !== undefined ? [{ id: event.reason, role: 'teacher' as const }] : [];

interface Known {
  readonly readers: ReadonlyMap<string, Reader>;
  readonly managers: readonly Reader[];
  readonly standing: Standing;
}

function toData(event: MoveEvent, { facts }: Told, { readers, managers, standing }: Known): SchedulingData {
  const reading = <Person extends { readonly id: string }>(person: Person) => ({
    ...person, zone: readers.get(person.id)?.zone ?? facts.zone, locale: readers.get(person.id)?.locale ?? 'en',
  });
  return {
    at: formatInstant(event.at),
    packageId: facts.packageId,
    packageKind: facts.kind,
    packageZone: facts.zone,
    by: event.by,
    requestId: event.requestId,
    offer: event.offer,
    ...standing.request(event.requestId, event.offer),
    reason: event.reason,
    reminderIncluded: event.reminderIncluded,
    waitingFor: [...new Set((event.missing ?? []).flatMap((voice) => speakersOf(voice, facts)))],
    people: peopleOf(facts).map(reading),
    managers: FOR_MANAGERS.includes(event.type) ? managers.map((manager) => ({ ...manager, role: 'manager' as const })) : [],
    former: formerOf(event).map(reading),
    lessons: event.lessons.map(({ lessonId, status, oldStart, newStart, reason, next }) => ({
      lessonId, status, oldStart: formatInstant(oldStart), reason,
      ...(newStart === undefined ? {} : { newStart: formatInstant(newStart) }),
      ...(next === undefined ? {} : { next: { at: formatInstant(next.at), kind: next.kind } }),
      ...standing.lesson(lessonId, facts),
    })),
    absent: event.absences?.map(({ id, role, by }) => ({ id, role, reportedBy: by })),
    leftOut: (event.leftOut ?? []).map(({ lessonId, codes }) => ({ lessonId, codes: [...codes] })),
  };
}
