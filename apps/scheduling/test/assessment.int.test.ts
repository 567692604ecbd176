import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ingestResultCompleted, type ResultData } from '@schoolbell/contracts';
import { createAssessmentIntake } from '../src/assessment/consumer.ts';
import { completePart } from '../src/assessment/parts.ts';
import { openParts, type Parts } from './database.ts';
import { teacher } from './scene.ts';

let parts: Parts;
beforeAll(async () => {
  parts = await openParts();
  await parts.teacher('tom');
  await parts.person('anna', 'student');
  await parts.person('paul', 'partner');
});
afterAll(() => parts?.close());

const result = (data: Partial<ResultData>) => ({
  id: randomUUID(), type: ingestResultCompleted.type, time: '2026-03-02T09:00:00.000Z',
  data: { source: 's', webhookId: 'w', organizationId: 'o', attemptId: 'a', learnerId: 'anna', courseId: 'c', testId: 't-1', score: 1, maxScore: 2,
    completedAt: '2026-03-02T09:00:00.000Z', timestamp: '2026-03-02T09:00:00.000Z', ...data },
});
const take = (...data: Partial<ResultData>[]) => parts.db.transaction((tx) => createAssessmentIntake(parts)(tx, data.map(result)));
const state = async (id: string) => (await parts.sql<{ state: string; done: object }>('SELECT state, parts_done AS done FROM package WHERE id = $1', [id]))[0];

it('a result completes the test, the API the rest, and the package with the last', async () => {
  const { packageId } = await parts.sell({ kind: 'assessment', weeks: 1, testId: 't-1' } as Parameters<Parts['sell']>[0]);
  await take({ testId: 't-2' }, { learnerId: 'bob' });
  expect(await state(packageId)).toEqual({ state: 'active', done: {} });
  await take({ testId: 't-9' }, {}, {});
  await take({});
  expect(await state(packageId)).toMatchObject({ state: 'active', done: { test: '2026-03-02T09:00:00.000Z' } });
  const complete = (part: 'essay' | 'lesson') => parts.db.transaction((tx) => completePart(tx, parts, packageId, part, teacher));
  expect(await complete('essay')).toBeUndefined();
  expect(await complete('lesson')).toBeUndefined();
  expect(await complete('lesson')).toBeUndefined();
  expect(await state(packageId)).toMatchObject({ state: 'completed' });
  const told = await parts.sql<{ type: string; reason: string }>("SELECT type, body ->> 'reason' AS reason FROM transition WHERE type LIKE 'package.%' ORDER BY id");
  expect(told.map(({ type, reason }) => [type, reason])).toEqual([
    ['package.sold', null], ['package.part-done', 'test'], ['package.part-done', 'essay'], ['package.part-done', 'lesson'], ['package.completed', null],
  ]);
  expect(await parts.db.transaction((tx) => completePart(tx, parts, randomUUID(), 'essay', teacher))).toBe('unknown');
});
