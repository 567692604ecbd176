import { formatInstant } from '@schoolbell/time';
import { timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import type { Facts } from '../../src/moves/state.ts';
import { readFacts, readPackages, seatsOf } from '../../src/store/packages.ts';
import { lessonsById, readRequests } from '../../src/store/scenes.ts';
import type { Parts } from '../database.ts';
import { claimsAhead, hasBegun, type World } from '../world.ts';

const idsOf = (table: string) => ({ name: `simulation_ids_of_${table}`, text: `SELECT id FROM ${table} ORDER BY id` });

/** Everything there is, as the pure part knows it. */
export const readWorld = ({ db }: Pick<Parts, 'db'>): Promise<World> => db.transaction(async (tx) => {
  const [packageIds, lessonIds, requestIds] = (await Promise.all(
    ['package', 'lesson', 'move_request'].map((table) => tx.query<{ id: string }>(idsOf(table), [])),
  )).map((rows) => rows.map(({ id }) => id)) as [string[], string[], string[]];
  const [packages, lessons, requests] = await Promise.all([readPackages(tx, packageIds), lessonsById(tx, lessonIds), readRequests(tx, requestIds)]);
  const facts = await readFacts(tx, packages, await seatsOf(tx, packages), timeZoneDatabaseVersion());
  return {
    packages: new Map([...facts].map(([id, known]): [string, Facts] => [id, { ...known, busy: [] }])),
    lessons: new Map(lessons.map((lesson) => [lesson.id, lesson])),
    requests: new Map(requests.map((request) => [request.id, request])),
  };
});

/** The database's held slots that the state does not explain, and the state's that the database does not hold. */
export async function faultsOfHolds({ sql, clock }: Pick<Parts, 'sql' | 'clock'>, world: World): Promise<string[]> {
  const rows = await sql<{ p: string; l: string; c: string; s: Date; e: Date }>(
    'SELECT participant_id AS p, lesson_id AS l, claim AS c, lower(during) AS s, upper(during) AS e FROM slot_claim');
  const now = clock.now();
  const held = new Set(rows.filter(({ l }) => !hasBegun(world.lessons.get(l), now)).map(({ p, l, c, s, e }) => text(p, l, c, s.getTime(), e.getTime())));
  const due = new Set(claimsAhead(world, now).map(({ participantId, lessonId, claim, start, end }) => text(participantId, lessonId, claim, start, end)));
  return [
    ...[...held].filter((one) => !due.has(one)).map((one) => `held for nothing: ${one}`),
    ...[...due].filter((one) => !held.has(one)).map((one) => `not held: ${one}`),
  ];
}

const text = (participant: string, lesson: string, claim: string, start: number, end: number): string =>
  `${participant} ${lesson} ${claim} ${formatInstant(start)} ${formatInstant(end)}`;
