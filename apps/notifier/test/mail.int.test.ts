// What is written to whom, in which words, and with which calendar.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ICAL from 'ical.js';
import ical, { type VEvent } from 'node-ical';
import { waitFor } from '@schoolbell/testing';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import type { ReceivedMail } from './mail-server.ts';
import { ADDRESSES, HOUR_MS, introduce, mailStage, MINUTE_MS, queued, SENDER } from './mail-stage.ts';
import { anna, asked, LESSON, pavel, tom } from './timetable.ts';

const stage = mailStage();
const { start, arrived, later } = stage;

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
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(2);
    const [english] = stage.server.to(ADDRESSES.anna);
    const [russian] = stage.server.to(ADDRESSES.pavel);
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
    expect(stage.server.to(ADDRESSES.tom)).toEqual([]);
    const { method, event, status } = calendarIn(english!);
    expect([method, event.uid, event.sequence, status, event.organizer]).toEqual(['REQUEST', `${LESSON}@schoolbell`, 1, 'TENTATIVE', 'mailto:lessons@school.example']);
    expect(event.attendees.map((one) => one.getFirstValue())).toEqual(['mailto:anna@people.example']);
  });

  it('that is delivered again is written once', async () => {
    const notifier = await start();
    await introduce(notifier);
    const data = asked(stage.clock.now());
    await stage.timetable.tell(['move.requested', data]);
    await arrived(2);
    const [stored] = await notifier.sql<{ event_id: string }>('SELECT event_id FROM told_event');
    await notifier.sql('UPDATE mailbox SET not_before = now()');
    await waitFor('it is published again', async () => {
      await stage.timetable.messaging.nats.current()?.jetstream.publish('scheduling.move.requested', JSON.stringify({
        specversion: '1.0', id: stored!.event_id, source: '/scheduling', type: 'scheduling.move.requested.v1', time: data.at, data,
      }));
      return true;
    });
    await stage.timetable.tell(['move.countered', { ...asked(stage.clock.now(), { by: { id: 'anna', role: 'student' }, offer: 2, requestVersion: 2, waitingFor: ['tom'] }) }]);
    await arrived(1, ADDRESSES.tom);
    expect(await notifier.sql('SELECT event_id FROM mail_item')).toHaveLength(4);
  });

  it('that the reader does not want is not written, unless it is about an open offer', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await notifier.sql(`UPDATE contact SET unwanted = '{outcomes,awaiting,packages,zone-rules}'`);
    await stage.timetable.tell(['move.approved', asked(stage.clock.now(), { waitingFor: [], requestVersion: 2 }, { status: 'scheduled' })], ['move.requested', asked(stage.clock.now(), { requestId: '33333333-3333-4333-8333-333333333333' })]);
    await arrived(1);
    expect(await notifier.sql('SELECT topic FROM mail_item')).toEqual([{ topic: 'offers' }]);
  });

  it('about what can be switched off says how, and one POST of the mail program does it', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    const approved = asked(stage.clock.now(), { by: { id: 'pavel', role: 'partner' }, waitingFor: [] }, { status: 'scheduled', answerBy: undefined });
    await stage.timetable.tell(['move.approved', approved]);
    await arrived(1);
    const mail = stage.server.mails[0]!;
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
      ['move.approved', asked(stage.clock.now(), { by: { id: 'tom', role: 'teacher' }, people: [tom, { ...anna, id }], waitingFor: [] }, { status: 'scheduled' })],
      ['lesson.followed-up', asked(stage.clock.now(), { by: { id: 'system', role: 'system' }, people: [{ ...anna, id }] }, { status: 'awaiting' })],
      ['package.frozen', asked(stage.clock.now(), { by: { id: 'system', role: 'system' }, people: [{ ...anna, id }] })],
      ['lesson.rederived', asked(stage.clock.now(), { by: { id: 'system', role: 'system' }, people: [{ ...anna, id }] })],
    ] as const;
    await stage.timetable.tell(news[0]);
    await arrived(1);
    await stage.timetable.tell(...news.slice(1), news[0]);
    await queued(notifier, 5);
    await later(notifier, MINUTE_MS);
    await arrived(2);
    const mail = stage.server.mails[1]!;
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
    const first = asked(stage.clock.now());
    const [lesson] = first.lessons;
    const moved = { start: lesson!.newStart!, end: formatInstant(parseInstant(lesson!.newStart!) + HOUR_MS), sequence: 2, status: 'CONFIRMED' as const };
    await stage.timetable.tell(['move.requested', first]);
    await arrived(1);
    await later(notifier, MINUTE_MS);
    await stage.timetable.tell(['move.approved', asked(stage.clock.now(), { by: { id: 'pavel', role: 'partner' }, waitingFor: [], requestVersion: 2 }, { status: 'scheduled', calendar: moved })]);
    await arrived(2);
    await later(notifier, MINUTE_MS);
    await stage.timetable.tell(['lesson.cancelled', asked(stage.clock.now(), { requestId: undefined, waitingFor: [] }, { status: 'cancelled', calendar: { ...moved, sequence: 3, status: 'CANCELLED' } })]);
    await arrived(3);
    const seen = stage.server.mails.map((mail) => calendarIn(mail));
    expect(seen.map(({ method, status, event }) => [method, status, event.sequence, event.uid])).toEqual([
      ['REQUEST', 'TENTATIVE', 1, `${LESSON}@schoolbell`], ['REQUEST', 'CONFIRMED', 2, `${LESSON}@schoolbell`], ['CANCEL', 'CANCELLED', 3, `${LESSON}@schoolbell`],
    ]);
    expect(seen[1]!.event.startDate.toJSDate().getTime()).toBe(parseInstant(moved.start));
  });
});

describe('hostile names', () => {
  const HOSTILE = '<script>alert(1)</script>[x](javascript:x)\u202Egnp.exe\r\nBcc: eve@evil.example\r\n\r\n' + 'я'.repeat(5_000);
  it.each([['en', anna], ['ru', pavel]] as const)('do no harm in %s', async (_language, reader) => {
    const notifier = await start();
    await introduce(notifier, { [reader.id]: ADDRESSES[reader.id as 'anna'] }, { [reader.id]: HOSTILE });
    await notifier.sql(`INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ('tom', $1, NULL, now(), now())`, [HOSTILE]);
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1);
    const mail = stage.server.mails[0]!;
    expect(stage.server.asked).toEqual([ADDRESSES[reader.id as 'anna']]);
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
      await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
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
