import type { BenchContext } from '../context.ts';
import { monotonicMs } from '../measure/monotonic.ts';
import { startBenchStack } from '../stack/start.ts';
import type { BenchStack } from '../stack/stack.ts';
import { checkCopies } from './check.ts';
import { createClient, type Client } from './client.ts';
import { copyTemplate, inBulk, settleTables } from './copy.ts';
import { copiedId } from './names.ts';
import { LESSONS_PER_TEMPLATE, SCHOOL, sellTemplate } from './template.ts';

/** As on a server for a database of this size, which holds it in memory: with less, a command waits for ten random reads of the disk. */
const SETTINGS = { shared_buffers: '2GB' };

const LESSONS = 1_000_000;
const LESSONS_QUICK = 40_000;

/** A lesson of the template: every copy has it too. */
export interface TemplateLesson {
  readonly id: string;
  readonly packageId: string;
  readonly kind: 'individual' | 'group';
  readonly teacherId: string;
  readonly studentIds: readonly string[];
  readonly partnerIds: readonly string[];
  /** Place of the package among those of its teacher. */
  readonly index: number;
  readonly number: number;
  readonly wall: string;
  readonly startMs: number;
}

/** A school with many lessons, all ahead, behind a running system. */
export interface School {
  readonly stack: BenchStack;
  readonly client: Client;
  readonly url: string;
  /** Copies of the template, itself included: 0 to `copies` - 1. */
  readonly copies: number;
  readonly lessons: readonly TemplateLesson[];
}

/** Made once for all scenarios about lessons. */
export const openSchool = (context: BenchContext): Promise<School> => context.shared(makeSchool);

async function makeSchool(context: BenchContext): Promise<School> {
  const stack = await startBenchStack(context, { name: 'school', settings: SETTINGS });
  const url = stack.urlOf('scheduling');
  const client = createClient(url);
  const startedMs = monotonicMs();
  await sellTemplate(client);
  const copies = (context.quick ? LESSONS_QUICK : LESSONS) / LESSONS_PER_TEMPLATE;
  const say = (what: string): void => context.progress(`${what} after ${((monotonicMs() - startedMs) / 1000).toFixed(0)} s`);
  await inBulk(stack, () => copyTemplate(stack, SCHOOL, 1, copies - 1, {
    progress: (copy) => say(`${((copy + 1) * LESSONS_PER_TEMPLATE).toLocaleString('en-US')} lessons`),
  }));
  await settleTables(stack);
  say('the school is there');
  const compared = await checkCopies(stack, SCHOOL, [1, copies - 1]);
  const [stored] = await stack.ask<{ lessons: string; people: string; held: string; bytes: string }>(`
    SELECT (SELECT count(*) FROM scheduling.lesson)::text AS lessons, (SELECT count(*) FROM scheduling.participant)::text AS people,
           (SELECT count(*) FROM scheduling.slot_claim)::text AS held,
           (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'scheduling'::regnamespace)::text AS bytes`);
  context.note('lessons', `${stored!.lessons} stored, ${stored!.people} people, ${stored!.held} held slots, ${(Number(stored!.bytes) / 2 ** 20).toFixed(0)} MiB; `
    + `${compared} copied rows compared with the API's`);
  return { stack, client, url, copies, lessons: await readLessons(stack) };
}

const readLessons = (stack: BenchStack): Promise<TemplateLesson[]> =>
  stack.ask<TemplateLesson>(`
    SELECT lesson.id, lesson.package_id AS "packageId", package.kind, lesson.teacher_id AS "teacherId", lesson.number, lesson.wall,
           extract(epoch FROM lesson.starts_at)::float8 * 1000 AS "startMs", seats.students AS "studentIds", seats.partners AS "partnerIds",
           (dense_rank() OVER (PARTITION BY lesson.teacher_id ORDER BY lesson.package_id) - 1)::int AS index
      FROM scheduling.lesson JOIN scheduling.package ON package.id = lesson.package_id
      JOIN (SELECT package_id, array_agg(student_id ORDER BY student_id) AS students, array_agg(partner_id ORDER BY student_id) AS partners
              FROM scheduling.seat GROUP BY package_id) AS seats ON seats.package_id = package.id
     WHERE lesson.teacher_id LIKE '${SCHOOL}0-%' ORDER BY lesson.package_id, lesson.number`);

/** Somebody of the template as a copy has them. */
export const copiedPerson = (id: string, copy: number): string => id.replace(`${SCHOOL}0-`, `${SCHOOL}${copy}-`);
export const copiedLesson = (lesson: TemplateLesson, copy: number): string => copiedId(lesson.id, copy);
