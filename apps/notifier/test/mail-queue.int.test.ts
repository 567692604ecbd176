// What waits: bursts, replicas, slow servers, and what is given up.
import { randomUUID } from 'node:crypto';
import type { SchedulingData } from '@schoolbell/contracts';
import { waitFor } from '@schoolbell/testing';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { createGivingUp } from '../src/mail/give-up.ts';
import { ITEMS_PER_MAIL } from '../src/mail/queue.ts';
import { ADDRESSES, awayAttempts, HOUR_MS, introduce, mailbox, mailStage, MINUTE_MS, queued, SENDER, smtp } from './mail-stage.ts';
import { TOKEN, type TestNotifier } from './notifier.ts';
import { anna, asked, tom } from './timetable.ts';

const stage = mailStage();
const { start, arrived, later, mailStates } = stage;

describe('a burst', () => {
  it('begins with a mail at once; what follows within a minute comes as one', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1);
    for (const id of ['4', '5', '6']) await stage.timetable.tell(['move.requested', asked(stage.clock.now(), { requestId: `${id}4444444-4444-4444-8444-444444444444` })]);
    await queued(notifier, 4);
    expect(stage.server.mails).toHaveLength(1);
    await later(notifier, MINUTE_MS);
    await arrived(2);
    expect(stage.server.mails[1]!.subject).toContain('(and 2 more)');
    expect(stage.server.mails[1]!.html).toMatch(/(class="card"[^]*){3}/);
    const rows = () => notifier.sql<{ state: string; count: number }>('SELECT mail.state, count(*)::int FROM mail_item JOIN mail ON mail.id = mail_id GROUP BY mail.id ORDER BY mail.id');
    await waitFor('both are marked', async () => (await rows()).every(({ state }) => state === 'sent'));
    expect(await rows()).toEqual([{ state: 'sent', count: 1 }, { state: 'sent', count: 3 }]);
  });

  it('takes a late reminder into the next notice and never writes it alone', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1);
    const data = asked(stage.clock.now(), {}, { oldStart: formatInstant(stage.clock.now() + 30 * MINUTE_MS) });
    // Within the minute of gathering, and then late: the old start has come near.
    await stage.timetable.tell(['move.reminded', { ...data, by: { id: 'system', role: 'system' } }]);
    await queued(notifier, 2);
    await later(notifier, parseInstant(data.lessons[0]!.oldStart) - stage.clock.now());
    await waitFor('the mailbox is parked', async () => (await notifier.sql('SELECT 1 FROM mailbox WHERE due_at IS NULL')).length === 1);
    expect(stage.server.mails).toHaveLength(1);
    await stage.timetable.tell(['move.declined', { ...data, at: formatInstant(stage.clock.now()), by: { id: 'pavel', role: 'partner' }, requestVersion: 2, waitingFor: [] }]);
    await arrived(2);
    expect(stage.server.mails[1]!.text).toContain('Earlier:');
    await later(notifier, 10 * MINUTE_MS);
    await stage.timetable.tell(['lesson.restored', asked(stage.clock.now(), { requestVersion: 3, waitingFor: [] }, { status: 'scheduled' })]);
    await arrived(3);
    expect(stage.server.mails[2]!.text).not.toContain('Earlier:');
  });

  it('a heap of late reminders does not keep a fresh offer back', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1);
    const lateAt = stage.clock.now() + 30 * MINUTE_MS;
    const reminder = (requestId: string) => ({ ...asked(stage.clock.now(), { requestId }, { oldStart: formatInstant(lateAt) }), by: { id: 'system', role: 'system' } as const });
    await stage.timetable.tell(...Array.from({ length: ITEMS_PER_MAIL }, () => ['move.reminded', reminder(randomUUID())] as const));
    await queued(notifier, 1 + ITEMS_PER_MAIL);
    await later(notifier, lateAt - stage.clock.now());
    await waitFor('the mailbox is parked', async () => (await notifier.sql('SELECT 1 FROM mailbox WHERE due_at IS NULL')).length === 1);
    await stage.timetable.tell(['move.requested', asked(stage.clock.now(), { requestId: randomUUID() })]);
    await arrived(2);
    expect(stage.server.mails[1]!.html).toContain('/notify/a/');
  });
});

describe('what only a newer release has words for', () => {
  it('waits for a replica of it, and holds back neither the rest nor the mail that it had begun', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1);
    await waitFor('it is marked', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 1);
    // The newer one told both within the minute, began their mail, and died.
    await stage.timetable.tell(['move.countered', asked(stage.clock.now(), { offer: 2, requestVersion: 2 })]);
    await queued(notifier, 2);
    const now = formatInstant(stage.clock.now());
    await notifier.sql(`INSERT INTO told_event (event_id, transition, data, at, told_at) SELECT 'newer', 'lesson.teleported', data, at, told_at FROM told_event LIMIT 1`);
    await notifier.sql(`WITH item AS (INSERT INTO inbox_item (event_id, reader_id, role, zone, locale, created_at) VALUES ('newer', 'anna', 'student', 'UTC', 'en', $1) RETURNING id)
      INSERT INTO mail_item (inbox_item_id, event_id, reader_id, topic, created_at) SELECT id, 'newer', 'anna', 'outcomes', $1 FROM item`, [now]);
    await notifier.sql(`WITH begun AS (INSERT INTO mail (reader_id, message_id, state, attempts, created_at) VALUES ('anna', '<newer@school.example>', 'pending', 1, $1) RETURNING id)
      UPDATE mail_item SET mail_id = begun.id FROM begun WHERE mail_id IS NULL`, [now]);
    stage.clock.shift(MINUTE_MS);
    await waitFor('it is taken apart', async () => (await mailbox(notifier, 'anna')).state === 'failing');
    stage.clock.shift(5 * MINUTE_MS);
    await arrived(2);
    expect(stage.server.mails[1]!.subject).not.toContain('more)');
    await waitFor('it is marked', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 2);
    expect(await notifier.sql('SELECT event_id FROM mail_item WHERE mail_id IS NULL')).toEqual([{ event_id: 'newer' }]);
    expect(await notifier.sql(`SELECT 1 FROM problem WHERE kind = 'mail-refused'`)).toEqual([]);
  });
});

describe('two replicas', () => {
  it('share the mails: every reader gets one', async () => {
    const [one] = await Promise.all([start(), start()]);
    const readers = Array.from({ length: 25 }, (_, index) => ({ ...anna, id: `reader-${index}` }));
    await introduce(one!, Object.fromEntries(readers.map(({ id }) => [id, `${id}@people.example`])));
    const data: SchedulingData = asked(stage.clock.now(), { people: [tom, ...readers], waitingFor: readers.map(({ id }) => id) });
    await stage.timetable.tell(['move.requested', data]);
    await arrived(25);
    await waitFor('all are marked', async () => (await one!.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 25);
    expect(new Set(stage.server.mails.map(({ recipient }) => recipient)).size).toBe(25);
    expect(stage.server.mails).toHaveLength(25);
  });
});

/** A server that takes the first mail and does not say so before it is asked to; the attempt has been given up by now. */
async function startWithoutAnswer(): Promise<{ notifier: TestNotifier; answer: () => void }> {
  const notifier = await start({ mail: { ...SENDER, smtp: { ...smtp(stage.server.port), timeoutMs: 300 } } });
  await introduce(notifier, { anna: ADDRESSES.anna });
  let answer = (): void => undefined;
  const waits = new Promise<undefined>((resolve) => (answer = () => resolve(undefined)));
  stage.server.data = () => waits;
  await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
  await waitFor('the attempt is given up', async () => (await awayAttempts(notifier)) > 0);
  return { notifier, answer };
}

describe('what waits for a server', () => {
  it('a slow server delays its own mails and nothing else', async () => {
    const { notifier, answer } = await startWithoutAnswer();
    // Nobody knows whether it was taken: the same mail is kept.
    expect(await notifier.sql(`SELECT state FROM mail`)).toEqual([{ state: 'pending' }]);
    expect((await fetch(`${notifier.url}/health/ready`)).status).toBe(200);
    stage.server.data = () => undefined;
    answer();
    stage.clock.shift(MINUTE_MS);
    await waitFor('it is sent', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 1);
    expect(new Set(stage.server.mails.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('what could not be sent for three days is given up: seen by the reader, listed, counted and told', async () => {
    const notifier = await start({ mail: { ...SENDER, smtp: smtp(9) } });
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await queued(notifier, 1);
    expect(await mailStates(notifier, 'anna')).toEqual(['waiting']);
    stage.clock.shift(3 * 24 * HOUR_MS + HOUR_MS);
    await waitFor('it is given up', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'given-up'`)).length === 1);
    expect([await mailStates(notifier, 'anna'), await mailStates(notifier, 'pavel')]).toEqual([['given-up'], [null]]);
    expect(await mailbox(notifier, 'anna')).toMatchObject({ waiting: 0, givenUp: 1 });
    expect((await notifier.get('/v1/mailboxes?givenUp=true')).body).toMatchObject({ items: [{ participantId: 'anna' }] });
    await waitFor('it is counted', async () => /^mail_dropped_total(\{.*\})? 1$/m.test(await notifier.metricsText()));
    expect(await notifier.sql(`SELECT state, severity, detail FROM problem WHERE kind = 'mail-given-up'`)).toEqual([{ state: 'firing', severity: 'warning', detail: expect.stringMatching(/within three days: 1\./) }]);
    // What is new is written as ever.
    expect(await notifier.configure({}, { mail: { ...SENDER, smtp: smtp(stage.server.port) }, publicUrl: 'https://school.example', linkKeys: [{ env: 'LINK_KEY' }] })).toBe(true);
    await stage.timetable.tell(['move.countered', asked(stage.clock.now(), { offer: 2, requestVersion: 2 })]);
    await arrived(1);
    expect(stage.server.mails[0]!.text).not.toContain('Earlier:');
  }, 90_000);

  it('a mail that a server may have taken is not repeated for ever either', async () => {
    const { notifier, answer } = await startWithoutAnswer();
    stage.clock.shift(3 * 24 * HOUR_MS + HOUR_MS);
    await waitFor('it is given up', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'given-up' AND message_id IS NOT NULL`)).length === 1);
    answer();
    expect(await notifier.sql(`SELECT 1 FROM problem WHERE kind = 'mail-given-up' AND state = 'firing'`)).toHaveLength(1);
  }, 90_000);

  it('what a refused address was not sent is given up too, and is no alert of ours', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    stage.server.rcpt = () => 550;
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await waitFor('it is refused', async () => (await mailbox(notifier, 'anna')).state === 'refused');
    await stage.timetable.tell(['move.countered', asked(stage.clock.now(), { offer: 2, requestVersion: 2 })]);
    await waitFor('the notice waits', async () => (await mailbox(notifier, 'anna')).waiting === 1);
    stage.clock.shift(3 * 24 * HOUR_MS + HOUR_MS);
    const db = stage.openDatabase();
    const alerts: unknown[] = [];
    const dropped: number[] = [];
    const givingUp = createGivingUp({ db, dropped: (items) => dropped.push(items), alert: async (_tx, alert) => void alerts.push(alert) });
    await givingUp.ofAll(stage.clock.now(), new AbortController().signal);
    await db.close();
    expect([dropped, alerts]).toEqual([[1], []]);
    expect(await mailStates(notifier, 'anna')).toEqual(['given-up', 'refused']);
    // Erasing the person leaves no trace of the address.
    expect((await fetch(`${notifier.url}/v1/contacts/anna`, { method: 'DELETE', headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(204);
    expect((await notifier.get('/v1/mailboxes/anna')).status).toBe(404);
    for (const table of ['contact', 'mailbox', 'mail', 'mail_item']) expect(await notifier.sql(`SELECT 1 FROM ${table}`), table).toEqual([]);
  }, 90_000);

  it('tells the on-call admin when mails do not go out', async () => {
    const notifier = await start({ mail: { ...SENDER, smtp: smtp(9) } });
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await queued(notifier, 1);
    stage.clock.shift(6 * MINUTE_MS);
    await waitFor('the alert', async () => (await notifier.sql(`SELECT 1 FROM problem WHERE kind = 'mail-backlog' AND state = 'firing'`)).length === 1);
  });
});
