import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ICAL from 'ical.js';
import ical, { type VEvent } from 'node-ical';
import type { SchedulingData } from '@schoolbell/contracts';
import { createDatabase, createLogger, createMetrics, signPersonToken, type Database } from '@schoolbell/service-kit';
import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGivingUp } from '../src/mail/give-up.ts';
import { ITEMS_PER_MAIL } from '../src/mail/queue.ts';
import { startMailServer, type MailServer, type ReceivedMail } from './mail-server.ts';
import { JWT_SECRET, shiftingClock, startTestNotifier, TOKEN, type ShiftingClock, type TestNotifier } from './notifier.ts';
import { callAs } from './people.ts';
import { spawnNotifier } from './process.ts';
import { anna, asked, LESSON, pavel, startTimetable, tom, type Timetable } from './timetable.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LINK_KEY = Buffer.alloc(32, 'links').toString('base64');
const ADDRESSES = { tom: 'tom@people.example', anna: 'anna@people.example', pavel: 'pavel@people.example' };

let database: TestDatabase;
let nats: RunningNats;
let clock: ShiftingClock;
let timetable: Timetable;
let server: MailServer;
const running: TestNotifier[] = [];

beforeEach(async () => {
  clock = shiftingClock();
  [database, nats, server] = await Promise.all([testDatabase(['scheduling', 'notifier']), startNats(), startMailServer()]);
  timetable = startTimetable({ databaseUrl: database.url('scheduling'), natsUrl: nats.url, clock });
});

afterEach(async () => {
  await Promise.all([timetable.stop(), ...running.splice(0).map((one) => one.stop())]);
  await Promise.all([database.drop(), nats.stop(), server.stop()]);
});

const SENDER = { from: 'lessons@school.example', name: 'School', replyTo: 'office@school.example' };
const TIMEOUT_MS = 5_000;
const LEASE_MS = 3 * TIMEOUT_MS + 10_000;
const smtp = (port: number) => ({ host: '127.0.0.1', port, tls: 'none', timeoutMs: TIMEOUT_MS });

async function start({ publicUrl = 'https://school.example/notify', ...options }: { mail?: object; mailFolder?: string; publicUrl?: string } = {}): Promise<TestNotifier> {
  const notifier = await startTestNotifier({
    databaseUrl: database.url('notifier'), natsUrl: nats.url, clock, ...options,
    configuration: { mail: options.mail ?? { ...SENDER, smtp: smtp(server.port) }, publicUrl, linkKeys: [{ env: 'LINK_KEY' }] },
    secrets: { LINK_KEY },
  });
  running.push(notifier);
  return notifier;
}

const introduce = (notifier: TestNotifier, people: Record<string, string> = ADDRESSES, names: Record<string, string> = { tom: 'Tom', anna: 'Anna', pavel: 'Павел' }) =>
  Promise.all(Object.entries(people).map(([id, email]) =>
    notifier.sql(`INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ($1, $2, $3, now(), now())`, [id, names[id] ?? id, email])));

const arrived = (count: number, address?: string): Promise<true> =>
  waitFor(`${count} mails${address === undefined ? '' : ` for ${address}`}`, () => (address === undefined ? server.mails : server.to(address)).length >= count);
const queued = (notifier: TestNotifier, count: number): Promise<true> =>
  waitFor(`${count} items are queued`, async () => (await notifier.sql('SELECT 1 FROM mail_item')).length >= count);
/** Once what has arrived is marked too: a mark that is made after the shift would count from then on. */
async function later(notifier: TestNotifier, ms: number): Promise<void> {
  await waitFor('every mail is marked', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'pending'`)).length === 0);
  clock.shift(ms);
}
const awayAttempts = async (notifier: TestNotifier): Promise<number> =>
  Number(/mail_attempts_total\{.*outcome="server-away".*\} (\d+)/.exec(await notifier.metricsText())?.[1] ?? 0);
const mailbox = async (notifier: TestNotifier, id: string) => (await notifier.get(`/v1/mailboxes/${id}`)).body;

/** What a reader sees of the mails about their notices, newest first. */
async function mailStates({ url }: TestNotifier, id: string): Promise<(string | null)[]> {
  const person = { id, role: 'student' } as const;
  const authorization = `Bearer ${await signPersonToken(person, JWT_SECRET, clock.now(), 3_600)}`;
  const { body } = await callAs(url, person, 'GET', '/v1/inbox', undefined, { authorization });
  return body.items.map(({ mail }: { mail: string | null }) => mail);
}

/** The calendar part of a mail, as two independent parsers read it. */
function calendarIn({ attachments, raw }: ReceivedMail) {
  const part = attachments.find(({ contentType }) => contentType === 'text/calendar');
  if (part === undefined) throw new Error('no calendar in the mail');
  const text = part.content.toString('utf8');
  const calendar = new ICAL.Component(ICAL.parse(text) as [string, unknown[], unknown[]]);
  const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent')!);
  const other = Object.values(ical.sync.parseICS(text)).find((one): one is VEvent => one?.type === 'VEVENT')!;
  expect(raw).toMatch(new RegExp(`Content-Type: text/calendar;[^]*method=${String(calendar.getFirstPropertyValue('method'))}`, 'i'));
  expect([other.uid, Number(other.sequence), other.start.getTime()]).toEqual([event.uid, event.sequence, event.startDate.toJSDate().getTime()]);
  return { method: calendar.getFirstPropertyValue('method'), event, status: event.component.getFirstPropertyValue('status') };
}

describe('a notice', () => {
  it('is written at once to everybody it concerns, each in their own language and zone', async () => {
    const notifier = await start();
    await introduce(notifier);
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(2);
    const [english] = server.to(ADDRESSES.anna);
    const [russian] = server.to(ADDRESSES.pavel);
    expect(english!.from?.value).toEqual([{ address: 'lessons@school.example', name: 'School' }]);
    expect(english!.replyTo?.value).toMatchObject([{ address: 'office@school.example' }]);
    expect(english!.text).toContain('Hello Anna,');
    expect(english!.text).toMatch(/Berlin \(UTC\+[12]\)/);
    expect(russian!.text).toContain('Здравствуйте, Павел!');
    expect(russian!.text).toMatch(/Алматы \(UTC\+5\)/);
    expect(russian!.html).toContain('<html lang="ru" dir="ltr">');
    for (const mail of [english!, russian!]) {
      expect(mail.html).toContain('https://school.example/notify/a/');
      expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
      // It is about an open offer: nobody can end such mails.
      expect(mail.headers.has('list')).toBe(false);
    }
    // Whoever asks knows it.
    expect(server.to(ADDRESSES.tom)).toEqual([]);
    const { method, event, status } = calendarIn(english!);
    expect([method, event.uid, event.sequence, status, event.organizer]).toEqual(['REQUEST', `${LESSON}@schoolbell`, 1, 'TENTATIVE', 'mailto:lessons@school.example']);
    expect(event.attendees.map((one) => one.getFirstValue())).toEqual(['mailto:anna@people.example']);
  });

  it('that is delivered again is written once', async () => {
    const notifier = await start();
    await introduce(notifier);
    const data = asked(clock.now());
    await timetable.tell(['move.requested', data]);
    await arrived(2);
    const [stored] = await notifier.sql<{ event_id: string }>('SELECT event_id FROM told_event');
    await notifier.sql('UPDATE mailbox SET not_before = now()');
    await waitFor('it is published again', async () => {
      await timetable.messaging.nats.current()?.jetstream.publish('scheduling.move.requested', JSON.stringify({
        specversion: '1.0', id: stored!.event_id, source: '/scheduling', type: 'scheduling.move.requested.v1', time: data.at, data,
      }));
      return true;
    });
    await timetable.tell(['move.countered', { ...asked(clock.now(), { by: { id: 'anna', role: 'student' }, offer: 2, requestVersion: 2, waitingFor: ['tom'] }) }]);
    await arrived(1, ADDRESSES.tom);
    expect(await notifier.sql('SELECT event_id FROM mail_item')).toHaveLength(4);
  });

  it('that the reader does not want is not written, unless it is about an open offer', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await notifier.sql(`UPDATE contact SET unwanted = '{outcomes,awaiting,packages,zone-rules}'`);
    await timetable.tell(['move.approved', asked(clock.now(), { waitingFor: [], requestVersion: 2 }, { status: 'scheduled' })], ['move.requested', asked(clock.now(), { requestId: '33333333-3333-4333-8333-333333333333' })]);
    await arrived(1);
    expect(await notifier.sql('SELECT topic FROM mail_item')).toEqual([{ topic: 'offers' }]);
  });

  it('about what can be switched off says how, and one POST of the mail program does it', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    const approved = asked(clock.now(), { by: { id: 'pavel', role: 'partner' }, waitingFor: [] }, { status: 'scheduled', answerBy: undefined });
    await timetable.tell(['move.approved', approved]);
    await arrived(1);
    const mail = server.mails[0]!;
    expect(mail.raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const url = (mail.headers.get('list') as { unsubscribe: { url: string } }).unsubscribe.url.replace('https://school.example/notify', notifier.url);
    expect((await fetch(url)).status).toBe(200);
    expect(await notifier.sql('SELECT unwanted FROM contact')).toEqual([{ unwanted: [] }]);
    const form = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(200);
    expect(await notifier.sql('SELECT unwanted FROM contact')).toEqual([{ unwanted: ['outcomes'] }]);
    expect((await fetch(`${url.slice(0, -3)}AAA`, { method: 'POST', body: form })).status).toBe(404);
  });

  it('to a participant with the longest id and the longest public address has whole headers and a link that works', async () => {
    const id = '教'.repeat(128);
    const publicUrl = `https://school.example/${'n'.repeat(277)}`;
    const notifier = await start({ publicUrl });
    await introduce(notifier, { [id]: ADDRESSES.anna });
    const news = [
      ['move.approved', asked(clock.now(), { by: { id: 'tom', role: 'teacher' }, people: [tom, { ...anna, id }], waitingFor: [] }, { status: 'scheduled' })],
      ['lesson.followed-up', asked(clock.now(), { by: { id: 'system', role: 'system' }, people: [{ ...anna, id }] }, { status: 'awaiting' })],
      ['package.frozen', asked(clock.now(), { by: { id: 'system', role: 'system' }, people: [{ ...anna, id }] })],
      ['lesson.rederived', asked(clock.now(), { by: { id: 'system', role: 'system' }, people: [{ ...anna, id }] })],
    ] as const;
    await timetable.tell(news[0]);
    await arrived(1);
    await timetable.tell(...news.slice(1), news[0]);
    await queued(notifier, 5);
    await later(notifier, MINUTE_MS);
    await arrived(2);
    const mail = server.mails[1]!;
    expect(Math.max(...mail.raw.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThan(998);
    const { url } = (mail.headers.get('list') as { unsubscribe: { url: string } }).unsubscribe;
    expect(url.length).toBeGreaterThan(880);
    const own = url.replace(publicUrl, notifier.url);
    expect((await fetch(own)).status).toBe(200);
    expect((await fetch(own, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })).status).toBe(200);
    expect(await notifier.sql('SELECT unwanted FROM contact')).toEqual([{ unwanted: ['awaiting', 'outcomes', 'packages', 'zone-rules'] }]);
  });
});

describe('the calendar', () => {
  it('is told of a new time with a higher sequence, and of a cancelled lesson', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    const first = asked(clock.now());
    const [lesson] = first.lessons;
    const moved = { start: lesson!.newStart!, end: formatInstant(parseInstant(lesson!.newStart!) + HOUR_MS), sequence: 2, status: 'CONFIRMED' as const };
    await timetable.tell(['move.requested', first]);
    await arrived(1);
    await later(notifier, MINUTE_MS);
    await timetable.tell(['move.approved', asked(clock.now(), { by: { id: 'pavel', role: 'partner' }, waitingFor: [], requestVersion: 2 }, { status: 'scheduled', calendar: moved })]);
    await arrived(2);
    await later(notifier, MINUTE_MS);
    await timetable.tell(['lesson.cancelled', asked(clock.now(), { requestId: undefined, waitingFor: [] }, { status: 'cancelled', calendar: { ...moved, sequence: 3, status: 'CANCELLED' } })]);
    await arrived(3);
    const seen = server.mails.map((mail) => calendarIn(mail));
    expect(seen.map(({ method, status, event }) => [method, status, event.sequence, event.uid])).toEqual([
      ['REQUEST', 'TENTATIVE', 1, `${LESSON}@schoolbell`], ['REQUEST', 'CONFIRMED', 2, `${LESSON}@schoolbell`], ['CANCEL', 'CANCELLED', 3, `${LESSON}@schoolbell`],
    ]);
    expect(seen[1]!.event.startDate.toJSDate().getTime()).toBe(parseInstant(moved.start));
  });
});

describe('a burst', () => {
  it('begins with a mail at once; what follows within a minute comes as one', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(1);
    for (const id of ['4', '5', '6']) await timetable.tell(['move.requested', asked(clock.now(), { requestId: `${id}4444444-4444-4444-8444-444444444444` })]);
    await queued(notifier, 4);
    expect(server.mails).toHaveLength(1);
    await later(notifier, MINUTE_MS);
    await arrived(2);
    expect(server.mails[1]!.subject).toContain('(and 2 more)');
    expect(server.mails[1]!.html).toMatch(/(class="card"[^]*){3}/);
    const rows = () => notifier.sql<{ state: string; count: number }>('SELECT mail.state, count(*)::int FROM mail_item JOIN mail ON mail.id = mail_id GROUP BY mail.id ORDER BY mail.id');
    await waitFor('both are marked', async () => (await rows()).every(({ state }) => state === 'sent'));
    expect(await rows()).toEqual([{ state: 'sent', count: 1 }, { state: 'sent', count: 3 }]);
  });

  it('takes a late reminder into the next notice and never writes it alone', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(1);
    const data = asked(clock.now(), {}, { oldStart: formatInstant(clock.now() + 30 * MINUTE_MS) });
    // Within the minute of gathering, and then late: the old start has come near.
    await timetable.tell(['move.reminded', { ...data, by: { id: 'system', role: 'system' } }]);
    await queued(notifier, 2);
    await later(notifier, parseInstant(data.lessons[0]!.oldStart) - clock.now());
    await waitFor('the mailbox is parked', async () => (await notifier.sql('SELECT 1 FROM mailbox WHERE due_at IS NULL')).length === 1);
    expect(server.mails).toHaveLength(1);
    await timetable.tell(['move.declined', { ...data, at: formatInstant(clock.now()), by: { id: 'pavel', role: 'partner' }, requestVersion: 2, waitingFor: [] }]);
    await arrived(2);
    expect(server.mails[1]!.text).toContain('Earlier:');
    await later(notifier, 10 * MINUTE_MS);
    await timetable.tell(['lesson.restored', asked(clock.now(), { requestVersion: 3, waitingFor: [] }, { status: 'scheduled' })]);
    await arrived(3);
    expect(server.mails[2]!.text).not.toContain('Earlier:');
  });

  it('a heap of late reminders does not keep a fresh offer back', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(1);
    const lateAt = clock.now() + 30 * MINUTE_MS;
    const reminder = (requestId: string) => ({ ...asked(clock.now(), { requestId }, { oldStart: formatInstant(lateAt) }), by: { id: 'system', role: 'system' } as const });
    await timetable.tell(...Array.from({ length: ITEMS_PER_MAIL }, () => ['move.reminded', reminder(randomUUID())] as const));
    await queued(notifier, 1 + ITEMS_PER_MAIL);
    await later(notifier, lateAt - clock.now());
    await waitFor('the mailbox is parked', async () => (await notifier.sql('SELECT 1 FROM mailbox WHERE due_at IS NULL')).length === 1);
    await timetable.tell(['move.requested', asked(clock.now(), { requestId: randomUUID() })]);
    await arrived(2);
    expect(server.mails[1]!.html).toContain('/notify/a/');
  });
});

/** A server that takes the first mail and does not say so before it is asked to; the attempt has been given up by now. */
async function startWithoutAnswer(): Promise<{ notifier: TestNotifier; answer: () => void }> {
  const notifier = await start({ mail: { ...SENDER, smtp: { ...smtp(server.port), timeoutMs: 300 } } });
  await introduce(notifier, { anna: ADDRESSES.anna });
  let answer = (): void => undefined;
  const waits = new Promise<undefined>((resolve) => (answer = () => resolve(undefined)));
  server.data = () => waits;
  await timetable.tell(['move.requested', asked(clock.now())]);
  await waitFor('the attempt is given up', async () => (await awayAttempts(notifier)) > 0);
  return { notifier, answer };
}

describe('what goes wrong', () => {
  it('a crash between sending and its mark repeats that one mail under the same Message-ID', async () => {
    const child = await spawnNotifier({
      databaseUrl: database.url('notifier'), natsUrl: nats.url, secrets: { LINK_KEY },
      configuration: { mail: { ...SENDER, smtp: smtp(server.port) }, publicUrl: 'https://school.example/notify', linkKeys: [{ env: 'LINK_KEY' }] },
    });
    try {
      const observer = openDatabase();
      await observer.query({ name: 'introduce', text: `INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ('anna', 'Anna', $1, now(), now())`, prepared: false }, [ADDRESSES.anna]);
      await observer.close();
      // The server has taken the last byte, and whoever sent it dies before it hears so.
      server.data = async () => {
        await child.kill();
        return undefined;
      };
      await timetable.tell(['move.requested', asked(clock.now())]);
      await arrived(1);
    } finally {
      await child.kill();
    }
    server.data = () => undefined;
    const survivor = await start();
    expect(await survivor.sql('SELECT state, attempts FROM mail')).toEqual([{ state: 'pending', attempts: 1 }]);
    // Nobody takes it while the dead one might still be at it.
    clock.shift(LEASE_MS);
    await arrived(2);
    expect(server.mails[1]!.messageId).toBe(server.mails[0]!.messageId);
    expect(server.mails[1]!.text).toBe(server.mails[0]!.text);
    await waitFor('it is marked', async () => (await survivor.sql(`SELECT 1 FROM mail WHERE state = 'sent' AND attempts = 2`)).length === 1);
    clock.shift(10 * MINUTE_MS);
    await timetable.tell(['move.countered', asked(clock.now(), { offer: 2, requestVersion: 2 })]);
    await arrived(3);
    expect(server.mails.map(({ messageId }) => messageId === server.mails[0]!.messageId)).toEqual([true, true, false]);
  });

  it('greylisting is waited out under the same Message-ID, and a longer wait gathers more', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    server.rcpt = () => 451;
    await timetable.tell(['move.requested', asked(clock.now())]);
    await waitFor('it is deferred', async () => (await mailbox(notifier, 'anna')).state === 'failing');
    const before = server.asked.length;
    await timetable.tell(['move.requested', asked(clock.now(), { requestId: '77777777-7777-4777-8777-777777777777' })]);
    await queued(notifier, 2);
    expect(server.asked).toHaveLength(before);
    server.rcpt = () => undefined;
    clock.shift(5 * MINUTE_MS);
    await arrived(1);
    expect(server.mails[0]!.subject).toContain('(and 1 more)');
    await waitFor('all is well', async () => (await mailbox(notifier, 'anna')).state === 'ok');
    const ids = await notifier.sql<{ message_id: string }>('SELECT message_id FROM mail');
    expect(ids).toEqual([{ message_id: server.mails[0]!.messageId }]);
  });

  it('a refused address is marked, shown and counted, costs the others nothing, and a new address is written to', async () => {
    const notifier = await start();
    await introduce(notifier);
    server.rcpt = (address) => (address === ADDRESSES.anna ? 550 : undefined);
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(1, ADDRESSES.pavel);
    await waitFor('it is refused', async () => (await mailbox(notifier, 'anna')).state === 'refused');
    expect(await mailbox(notifier, 'anna')).toMatchObject({ address: ADDRESSES.anna, nextAt: null, reason: expect.stringContaining('550') });
    expect((await notifier.get('/v1/mailboxes?state=refused')).body).toMatchObject({ items: [{ participantId: 'anna' }], next: null });
    await waitFor('it is counted', async () => /^mail_addresses_refused(\{.*\})? 1$/m.test(await notifier.metricsText()));
    clock.shift(HOUR_MS);
    await timetable.tell(['move.countered', asked(clock.now(), { by: { id: 'tom', role: 'teacher' }, offer: 2, requestVersion: 2 })]);
    await arrived(2, ADDRESSES.pavel);
    expect(server.asked.filter((address) => address === ADDRESSES.anna)).toHaveLength(1);
    await notifier.sql(`UPDATE contact SET email = 'anna@new.example' WHERE participant_id = 'anna'`);
    await waitFor('the new address is written to', () => server.to('anna@new.example').length === 1);
    await waitFor('it is marked', async () => (await mailbox(notifier, 'anna')).state === 'ok');
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'ok', address: 'anna@new.example', reason: null });
  });

  it('a mail that came back marks its address; somebody may say that it takes mail again', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(1);
    await waitFor('it is marked', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 1);
    const bounce = { messageId: server.mails[0]!.messageId, reason: '5.1.1 no such user' };
    expect(await notifier.post('/v1/mail/bounces', { ...bounce, messageId: '<other@school.example>' })).toMatchObject({ status: 200, body: { participantId: null } });
    expect(await notifier.post('/v1/mail/bounces', bounce)).toMatchObject({ status: 200, body: { participantId: 'anna' } });
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'refused', reason: '5.1.1 no such user' });
    expect(await mailStates(notifier, 'anna')).toEqual(['bounced']);
    clock.shift(HOUR_MS);
    await timetable.tell(['move.countered', asked(clock.now(), { offer: 2, requestVersion: 2 })]);
    await waitFor('the notice waits', async () => (await mailbox(notifier, 'anna')).waiting === 1);
    expect(await notifier.post('/v1/mailboxes/anna/retry')).toMatchObject({ status: 200, body: { state: 'ok' } });
    await arrived(2);
    expect(await notifier.post('/v1/mailboxes/nobody/retry')).toMatchObject({ status: 404, body: { code: 'mailbox-unknown' } });
  });

  it('a mail that comes back late from a former address does not silence the new one', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(1);
    await later(notifier, HOUR_MS);
    await notifier.sql(`UPDATE contact SET email = 'anna@new.example' WHERE participant_id = 'anna'`);
    await timetable.tell(['move.countered', asked(clock.now(), { offer: 2, requestVersion: 2 })]);
    await arrived(1, 'anna@new.example');
    await later(notifier, HOUR_MS);
    const back = (mail: ReceivedMail | undefined) => notifier.post('/v1/mail/bounces', { messageId: mail?.messageId, reason: '5.1.1 no such user' });
    expect(await back(server.mails[0])).toMatchObject({ status: 200, body: { participantId: 'anna' } });
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'ok', address: 'anna@new.example', reason: null });
    expect(await mailStates(notifier, 'anna')).toEqual(['sent', 'bounced']);
    expect(await back(server.mails[1])).toMatchObject({ status: 200, body: { participantId: 'anna' } });
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'refused', address: 'anna@new.example' });
  });

  it('an outage loses nothing and gathers; a mail that a server refuses holds up no other', async () => {
    const { port } = server;
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna, pavel: ADDRESSES.pavel });
    await server.stop();
    for (const id of ['8', '9']) await timetable.tell(['move.requested', asked(clock.now(), { requestId: `${id}8888888-8888-4888-8888-888888888888` })]);
    await waitFor('an attempt fails', async () => (await awayAttempts(notifier)) > 0);
    await queued(notifier, 4);
    // Two mails may have been in hand before everything was queued; the next attempt has all of its reader.
    const before = await awayAttempts(notifier);
    await waitFor('attempts with everything', async () => (await awayAttempts(notifier)) >= before + 3);
    server = await startMailServer(port);
    let refusals = 1;
    server.data = () => (refusals-- > 0 ? 554 : undefined);
    clock.shift(2 * MINUTE_MS);
    await arrived(1);
    clock.shift(2 * MINUTE_MS);
    await waitFor('every item is settled', async () => (await notifier.sql('SELECT 1 FROM mail_item JOIN mail ON mail.id = mail_id WHERE mail.state <> \'pending\'')).length === 4);
    expect(await notifier.sql(`SELECT state FROM mail ORDER BY state`)).toEqual([{ state: 'refused' }, { state: 'sent' }]);
    expect(await notifier.sql(`SELECT state, severity, detail FROM problem WHERE kind = 'mail-refused'`)).toEqual([{ state: 'firing', severity: 'critical', detail: expect.stringContaining('notTaken=true') }]);
    expect((await notifier.get('/v1/mailboxes?notTaken=true')).body).toMatchObject({ items: [{ state: 'ok', notTaken: 2, reason: expect.stringContaining('554') }] });
    expect(server.mails[0]!.html).toMatch(/(class="card"[^]*){2}/);
  });

  it('a slow server delays its own mails and nothing else', async () => {
    const { notifier, answer } = await startWithoutAnswer();
    // Nobody knows whether it was taken: the same mail is kept.
    expect(await notifier.sql(`SELECT state FROM mail`)).toEqual([{ state: 'pending' }]);
    expect((await fetch(`${notifier.url}/health/ready`)).status).toBe(200);
    server.data = () => undefined;
    answer();
    clock.shift(MINUTE_MS);
    await waitFor('it is sent', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 1);
    expect(new Set(server.mails.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it('what could not be sent for three days is given up: seen by the reader, listed, counted and told', async () => {
    const notifier = await start({ mail: { ...SENDER, smtp: smtp(9) } });
    await introduce(notifier, { anna: ADDRESSES.anna });
    await timetable.tell(['move.requested', asked(clock.now())]);
    await queued(notifier, 1);
    expect(await mailStates(notifier, 'anna')).toEqual(['waiting']);
    clock.shift(3 * 24 * HOUR_MS + HOUR_MS);
    await waitFor('it is given up', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'given-up'`)).length === 1);
    expect([await mailStates(notifier, 'anna'), await mailStates(notifier, 'pavel')]).toEqual([['given-up'], [null]]);
    expect(await mailbox(notifier, 'anna')).toMatchObject({ waiting: 0, givenUp: 1 });
    expect((await notifier.get('/v1/mailboxes?givenUp=true')).body).toMatchObject({ items: [{ participantId: 'anna' }] });
    await waitFor('it is counted', async () => /^mail_dropped_total(\{.*\})? 1$/m.test(await notifier.metricsText()));
    expect(await notifier.sql(`SELECT state, severity, detail FROM problem WHERE kind = 'mail-given-up'`)).toEqual([{ state: 'firing', severity: 'warning', detail: expect.stringMatching(/within three days: 1\./) }]);
    // What is new is written as ever.
    expect(await notifier.configure({}, { mail: { ...SENDER, smtp: smtp(server.port) }, publicUrl: 'https://school.example', linkKeys: [{ env: 'LINK_KEY' }] })).toBe(true);
    await timetable.tell(['move.countered', asked(clock.now(), { offer: 2, requestVersion: 2 })]);
    await arrived(1);
    expect(server.mails[0]!.text).not.toContain('Earlier:');
  }, 90_000);

  it('a mail that a server may have taken is not repeated for ever either', async () => {
    const { notifier, answer } = await startWithoutAnswer();
    clock.shift(3 * 24 * HOUR_MS + HOUR_MS);
    await waitFor('it is given up', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'given-up' AND message_id IS NOT NULL`)).length === 1);
    answer();
    expect(await notifier.sql(`SELECT 1 FROM problem WHERE kind = 'mail-given-up' AND state = 'firing'`)).toHaveLength(1);
  }, 90_000);

  it('what a refused address was not sent is given up too, and is no alert of ours', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    server.rcpt = () => 550;
    await timetable.tell(['move.requested', asked(clock.now())]);
    await waitFor('it is refused', async () => (await mailbox(notifier, 'anna')).state === 'refused');
    await timetable.tell(['move.countered', asked(clock.now(), { offer: 2, requestVersion: 2 })]);
    await waitFor('the notice waits', async () => (await mailbox(notifier, 'anna')).waiting === 1);
    clock.shift(3 * 24 * HOUR_MS + HOUR_MS);
    const db = openDatabase();
    const alerts: unknown[] = [];
    const dropped: number[] = [];
    const givingUp = createGivingUp({ db, dropped: (items) => dropped.push(items), alert: async (_tx, alert) => void alerts.push(alert) });
    await givingUp.ofAll(clock.now(), new AbortController().signal);
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
    await timetable.tell(['move.requested', asked(clock.now())]);
    await queued(notifier, 1);
    clock.shift(6 * MINUTE_MS);
    await waitFor('the alert', async () => (await notifier.sql(`SELECT 1 FROM problem WHERE kind = 'mail-backlog' AND state = 'firing'`)).length === 1);
  });
});

describe('two replicas', () => {
  it('share the mails: every reader gets one', async () => {
    const [one] = await Promise.all([start(), start()]);
    const readers = Array.from({ length: 25 }, (_, index) => ({ ...anna, id: `reader-${index}` }));
    await introduce(one!, Object.fromEntries(readers.map(({ id }) => [id, `${id}@people.example`])));
    const data: SchedulingData = asked(clock.now(), { people: [tom, ...readers], waitingFor: readers.map(({ id }) => id) });
    await timetable.tell(['move.requested', data]);
    await arrived(25);
    await waitFor('all are marked', async () => (await one!.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 25);
    expect(new Set(server.mails.map(({ recipient }) => recipient)).size).toBe(25);
    expect(server.mails).toHaveLength(25);
  });
});

describe('hostile names', () => {
  const HOSTILE = '<script>alert(1)</script>[x](javascript:x)\u202Egnp.exe\r\nBcc: eve@evil.example\r\n\r\n' + 'я'.repeat(5_000);
  it.each([['en', anna], ['ru', pavel]] as const)('do no harm in %s', async (_language, reader) => {
    const notifier = await start();
    await introduce(notifier, { [reader.id]: ADDRESSES[reader.id as 'anna'] }, { [reader.id]: HOSTILE });
    await notifier.sql(`INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ('tom', $1, NULL, now(), now())`, [HOSTILE]);
    await timetable.tell(['move.requested', asked(clock.now())]);
    await arrived(1);
    const mail = server.mails[0]!;
    expect(server.asked).toEqual([ADDRESSES[reader.id as 'anna']]);
    expect(mail.bcc).toBeUndefined();
    expect(mail.html).not.toMatch(/<script|href="(?!https:\/\/school\.example\/notify\/)/i);
    expect(`${mail.subject}${mail.text}${String(mail.html)}`).not.toMatch(/\u202E/);
    expect(mail.text!.length).toBeLessThan(4_000);
    const { event } = calendarIn(mail);
    expect(event.attendees).toHaveLength(1);
  });
});

describe('without a server', () => {
  it('mails are files that can be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mails-'));
    try {
      const notifier = await start({ mail: SENDER, mailFolder: folder });
      await introduce(notifier, { anna: ADDRESSES.anna });
      await timetable.tell(['move.requested', asked(clock.now())]);
      await waitFor('it is written', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 1);
      const names = (await readdir(folder)).sort();
      expect(names.map((name) => name.replace(/^.*\./, ''))).toEqual(['eml', 'html']);
      expect(await readFile(join(folder, names[1]!), 'utf8')).toContain('<!doctype html>');
      expect(await readFile(join(folder, names[0]!), 'utf8')).toContain('To: Anna <anna@people.example>');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

function openDatabase(): Database {
  return createDatabase({ url: database.url('notifier'), schema: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }), metrics: createMetrics('notifier') });
}
