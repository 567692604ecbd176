import { schedulingAnswer, schedulingStanding, type MoveStanding } from '@schoolbell/contracts';
import { serve } from '@schoolbell/messaging';
import { createDatabase, createLogger, createMetrics } from '@schoolbell/service-kit';
import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import type { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAnswerStore, type GivenAnswer } from '../src/answers/store.ts';
import { answerToken } from '../src/links/links.ts';
import { createLinkKeys } from '../src/links/keys.ts';
import type { Notice } from '../src/notices/notice.ts';
import { shiftingClock, startTestNotifier, type ShiftingClock, type TestNotifier } from './notifier.ts';
import { callAs } from './people.ts';
import { asked, REQUEST, startTimetable, type Timetable } from './timetable.ts';

const HOUR_MS = 3_600_000;
const LINK_KEY = Buffer.alloc(32, 'links');
type Asked = z.output<typeof schedulingAnswer.request>;

let database: TestDatabase;
let nats: RunningNats;
let clock: ShiftingClock;
let timetable: Timetable;
let notifier: TestNotifier;
let stops: (() => void)[];
let answers: Asked[];
let standing: MoveStanding;
let reply: z.input<typeof schedulingAnswer.reply>;

beforeEach(async () => {
  clock = shiftingClock();
  [database, nats] = await Promise.all([testDatabase(['scheduling', 'notifier']), startNats()]);
  timetable = startTimetable({ databaseUrl: database.url('scheduling'), natsUrl: nats.url, clock });
  notifier = await startTestNotifier({
    databaseUrl: database.url('notifier'), natsUrl: nats.url, clock,
    configuration: { publicUrl: 'https://school.example', linkKeys: [{ env: 'LINK_KEY' }] }, secrets: { LINK_KEY: LINK_KEY.toString('base64') },
  });
  await notifier.sql(`INSERT INTO contact (participant_id, name, created_at, updated_at) VALUES ('tom', '<b>Tom</b>', now(), now())`);
  const data = asked(clock.now());
  standing = { status: 'offered', version: 1, offer: 1, may: ['approve', 'decline', 'counter'], lessons: data.lessons.map(({ lessonId, oldStart, newStart, answerBy }) => ({ lessonId, status: 'offered', start: oldStart, offeredStart: newStart!, answerBy: answerBy! })) };
  reply = { outcome: 'done' };
  answers = [];
  stops = [];
  await timetable.tell(['move.requested', data]);
  await waitFor('the inbox has it', async () => (await notifier.sql('SELECT 1 FROM inbox_item')).length === 3);
});

afterEach(async () => {
  for (const stop of stops) stop();
  await Promise.all([timetable.stop(), notifier.stop()]);
  await Promise.all([database.drop(), nats.stop()]);
});

/** Scheduling's side of the contract, over real NATS. */
async function answering(): Promise<void> {
  const deps = { nats: timetable.messaging.nats, log: createLogger({ service: 'scheduling', level: 'silent' }) };
  await waitFor('the connection of scheduling', () => deps.nats.connected());
  stops.push(
    serve(deps, schedulingStanding, async () => standing),
    serve(deps, schedulingAnswer, async (payload) => {
      answers.push(payload);
      return reply;
    }),
  );
}

async function tokenOf(readerId: string): Promise<string> {
  const [row] = await notifier.sql<Omit<Notice, 'createdAtMs' | 'overtaken'>>(
    `SELECT item.id::text AS id, item.event_id AS "eventId", reader_id AS "readerId", role, zone, locale, transition, data FROM inbox_item AS item JOIN told_event USING (event_id) WHERE reader_id = $1`, [readerId]);
  return answerToken(createLinkKeys(() => [LINK_KEY]), row as Notice);
}
const address = (token: string): string => `${notifier.url}/a/${token}`;
const formIn = (html: string): string => /name="form" value="([^"]+)"/.exec(html)![1]!;
const open = async (token: string) => {
  const response = await fetch(address(token));
  return { response, html: await response.text() };
};
const press = async (token: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
  const response = await fetch(address(token), { method: 'POST', body: new URLSearchParams(fields), headers });
  return { status: response.status, html: await response.text() };
};

describe('the answer page', () => {
  it('is where the inbox leads each reader, and nobody else', async () => {
    const linkOf = async (id: string, role: 'teacher' | 'student') => (await callAs(notifier.url, { id, role }, 'GET', '/v1/inbox')).body.items[0].link as string;
    expect(await linkOf('tom', 'teacher')).toBe(`https://school.example/a/${await tokenOf('tom')}`);
    expect(await linkOf('anna', 'student')).toBe(`https://school.example/a/${await tokenOf('anna')}`);
  });

  it('shows old and new time in the reader\'s language and zone, behind strict headers', async () => {
    await answering();
    const { response, html } = await open(await tokenOf('pavel'));
    expect(response.status).toBe(200);
    expect(html).toContain('<html lang="ru" dir="ltr">');
    expect(html).toMatch(/Прежнее время[^]*Алматы \(UTC\+5\)[^]*Новое время/);
    expect(html).not.toMatch(/<script|<b>Tom|https?:\/\//);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'/),
      'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-robots-tag': expect.stringContaining('noindex'), 'x-content-type-options': 'nosniff',
    });
  });

  it('answers by its own form only; looking never does', async () => {
    await answering();
    const token = await tokenOf('anna');
    await fetch(address(token), { method: 'HEAD' });
    const { html } = await open(token);
    expect(await press(token, { verb: 'approve' })).toMatchObject({ status: 403 });
    expect(await press(token, { verb: 'approve', form: formIn((await open(await tokenOf('pavel'))).html) })).toMatchObject({ status: 403 });
    expect(await press(token, { verb: 'approve', form: formIn(html) }, { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403 });
    clock.shift(2 * HOUR_MS);
    expect(await press(token, { verb: 'approve', form: formIn(html) })).toMatchObject({ status: 403 });
    expect(answers).toEqual([]);
    const form = formIn((await open(token)).html);
    expect(await press(token, { verb: 'approve', form })).toMatchObject({ status: 200, html: expect.stringContaining('You agreed') });
    expect(answers).toMatchObject([{ personId: 'anna', role: 'student', requestId: REQUEST, offer: 1, verb: 'approve' }]);
    // Again, by the same form and by a new one: shown, not done.
    await press(token, { verb: 'approve', form });
    const again = await open(token);
    expect(again.html).toContain('You agreed');
    expect(again.html).not.toContain('name="form"');
    await press(token, { verb: 'decline', form });
    expect(answers).toHaveLength(1);
  });

  it('opens nothing of another\'s, and nothing with a token that was changed', async () => {
    await answering();
    const [mine, other] = await Promise.all([tokenOf('anna'), tokenOf('tom')]);
    const swapped = `${mine.split('.')[0]}.${other.split('.')[1]}`;
    const forged = answerTokenBy(Buffer.alloc(32, 'other'), mine);
    for (const token of [swapped, forged, `${mine.slice(0, -1)}${mine.endsWith('A') ? 'B' : 'A'}`, '1', 'x'.repeat(90)]) {
      expect((await open(token)).response.status).toBe(404);
      expect((await press(token, { verb: 'approve', form: 'x' })).status).toBe(404);
    }
    expect(notifier.lines.join()).not.toContain(mine);
  });

  it('shows how things stand when its offer was replaced or is over, without buttons', async () => {
    await answering();
    const token = await tokenOf('anna');
    standing = { ...standing, offer: 2 };
    expect((await open(token)).html).toContain('A newer offer has replaced this one.');
    standing = { status: 'closed', outcome: 'withdrawn', version: 3, may: [], lessons: [] };
    const { html } = await open(token);
    expect(html).toContain('Who asked has taken it back.');
    expect(html).not.toContain('<button');
  });

  it('says why scheduling refuses, and takes another time on the reader\'s clocks', async () => {
    await answering();
    const token = await tokenOf('anna');
    const form = formIn((await open(token)).html);
    reply = { outcome: 'refused', code: 'teacher-busy', detail: 'The teacher has another lesson.' };
    expect(await press(token, { verb: 'counter', form, date: '2027-03-28', time: '02:30' })).toMatchObject({ status: 409, html: expect.stringContaining('The teacher has another lesson.') });
    // Berlin's clocks skip 02:30 that night: it is 03:30, as everywhere here.
    expect(answers).toMatchObject([{ verb: 'counter', to: '2027-03-28T01:30:00.000Z' }]);
    expect(await press(token, { verb: 'counter', form, date: '2027-02-30', time: '02:30' })).toMatchObject({ status: 422 });
  });

  it('reads a time as UTC where the zone of its reader is unknown here', async () => {
    await answering();
    await notifier.sql(`UPDATE inbox_item SET zone = 'Mars/Base' WHERE reader_id = 'anna'`);
    const token = await tokenOf('anna');
    const { response, html } = await open(token);
    expect(response.status).toBe(200);
    expect((await press(token, { verb: 'counter', form: formIn(html), date: '2027-03-28', time: '02:30' })).status).toBe(200);
    expect(answers).toMatchObject([{ verb: 'counter', to: '2027-03-28T02:30:00.000Z' }]);
  });

  it('takes the same form twice at once', async () => {
    const db = createDatabase({ url: database.url('notifier'), schema: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }), metrics: createMetrics('notifier') });
    const [item] = await notifier.sql<{ id: string }>('SELECT id::text FROM inbox_item LIMIT 1');
    const post = { key: 'same', itemId: item!.id, verb: 'approve', toMs: undefined } as const;
    const nowMs = clock.now();
    // The second comes before the first has committed.
    let second: Promise<GivenAnswer> | undefined;
    const first = await db.transaction(async (tx) => {
      const written = await createAnswerStore(tx).begin(post, nowMs);
      second = createAnswerStore(db).begin(post, nowMs + 1);
      await waitFor('the second waits', async () => (await notifier.sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INTO answer%'`)).length === 1);
      return written;
    });
    expect(await second).toEqual(first);
    await db.close();
  });

  it('says that nothing was lost while scheduling is away, and the same form then counts once', async () => {
    await answering();
    const token = await tokenOf('anna');
    const form = formIn((await open(token)).html);
    for (const stop of stops.splice(0)) stop();
    const { response, html } = await open(token);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60']);
    expect(html).toContain('Nothing was lost');
    expect((await press(token, { verb: 'decline', form })).status).toBe(503);
    await answering();
    expect((await press(token, { verb: 'decline', form })).status).toBe(200);
    expect(await notifier.sql('SELECT verb, outcome FROM answer')).toEqual([{ verb: 'decline', outcome: 'done' }]);
  }, 40_000);
});

/** The token that somebody with another key would make. */
function answerTokenBy(key: Buffer, token: string): string {
  const id = token.split('.')[0]!;
  return `${id}.${createLinkKeys(() => [key]).sign(['answer', id])}`;
}
