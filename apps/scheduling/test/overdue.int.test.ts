import { randomUUID } from 'node:crypto';
import { createAlerts, createOutbox, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createOverdueLook } from '../src/overdue/watch.ts';
import { BEGIN, openParts, type Parts } from './database.ts';
import { MINUTE, student } from './scene.ts';

/** Two replicas look whether deadlines are carried out; the poller is the test's own. */
const AFTER_MS = 5 * MINUTE;
let parts: Parts;
let look: () => Promise<void>;
let lessonId: string;
beforeAll(async () => {
  parts = await openParts();
});
beforeEach(async () => {
  await parts.clear();
  parts.clock.set(BEGIN);
  await parts.teacher('tom');
  await parts.person('anna', 'student');
  await parts.person('paul', 'partner');
  lessonId = (await parts.sell({})).lessonIds[0] as string;
  const log = createLogger({ service: 'scheduling', level: 'silent' });
  const outbox = createOutbox({ service: 'scheduling', clock: parts.clock });
  const alerts = createAlerts({ service: 'scheduling', outbox, nats: undefined as unknown as Nats, log });
  const replicas = [1, 2].map(() => createOverdueLook({ ...parts, alerts, overdueAfterMs: () => AFTER_MS }));
  look = async () => void (await Promise.all(replicas.map((one) => one())));
});
afterAll(() => parts?.close());

const alerts = async () => (await parts.sql<{ body: string }>("SELECT body FROM outbox WHERE subject = 'alerts.scheduling.raised' ORDER BY id"))
  .map(({ body }) => JSON.parse(body).data);

it('tells once that deadlines are not carried out, and once that they are', async () => {
  await parts.run({ type: 'request', requestId: randomUUID(), scope: 'lesson', lessonId, to: { wall: '2026-03-03T10:00' }, without: [], by: student });
  // The offer expires at 08:50 UTC; the bound itself is not late yet.
  const bound = Date.parse('2026-03-03T08:50:00.000Z') + AFTER_MS;
  parts.clock.set(bound);
  for (const _ of [1, 2]) await look();
  expect(await alerts()).toEqual([]);
  parts.clock.set(bound + 1);
  await look();
  // After downtime the poller may need a moment.
  expect(await alerts()).toEqual([]);
  for (const _ of [1, 2, 3]) await look();
  expect(await alerts()).toMatchObject([{
    kind: 'lesson-overdue', state: 'firing', severity: 'critical', service: 'scheduling', labels: { lesson: lessonId },
    detail: `1 in all; lesson ${lessonId} since 2026-03-03T08:50:00.000Z. See GET /v1/awaiting and the log of scheduling.`,
  }]);
  await parts.poll();
  for (const _ of [1, 2]) await look();
  expect((await alerts()).map(({ state, fingerprint }) => `${state} ${fingerprint}`)).toEqual(['firing lesson-overdue', 'resolved lesson-overdue']);
});

it('is silent while the poller catches up between two looks', async () => {
  parts.clock.set(BEGIN + 40 * 86_400_000);
  await look();
  while ((await parts.poll()).lessons > 0);
  for (const _ of [1, 2]) await look();
  expect(await alerts()).toEqual([]);
});

it('tells of a lesson without a next action, should the constraint ever be gone', async () => {
  const constraint = 'lesson_has_a_next_action';
  const [kept] = await parts.sql<{ as: string }>('SELECT pg_get_constraintdef(oid) AS "as" FROM pg_constraint WHERE conname = $1', [constraint]);
  await parts.run({ type: 'request', requestId: randomUUID(), scope: 'lesson', lessonId, to: { wall: '2026-03-03T10:00' }, without: [], by: student });
  await parts.sql(`ALTER TABLE lesson DROP CONSTRAINT ${constraint}`);
  await parts.sql('UPDATE lesson SET next_action_at = NULL, next_action_kind = NULL WHERE id = $1', [lessonId]);
  for (const _ of [1, 2]) await look();
  expect(await alerts()).toMatchObject([{ state: 'firing', detail: expect.stringContaining(`1 in all; lesson ${lessonId} has no next action.`) }]);
  await parts.clear();
  await parts.sql(`ALTER TABLE lesson ADD CONSTRAINT ${constraint} ${kept?.as}`);
});
