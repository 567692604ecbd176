import { schedulingEvent, schedulingStream, type SchedulingTransition } from '@schoolbell/contracts';
import { createDatabase, createLogger, createMetrics, signPersonToken } from '@schoolbell/service-kit';
import { emptyTables, startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { systemClock } from '@schoolbell/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { intake } from '../src/notices/consumer.ts';
import { data, offered, REQUEST, SAMPLES } from './happenings.ts';
import { JWT_SECRET, startTestNotifier, type TestNotifier } from './notifier.ts';
import { callAs, openStream, startTeller, type Teller } from './people.ts';

/** A way over stream and queue, on a machine that others use too. */
const tom = { id: 'tom', role: 'teacher' } as const;
const anna = { id: 'anna', role: 'student' } as const;
const eve = { id: 'eve', role: 'student' } as const;
const request = { requestId: REQUEST, requestVersion: 1, offer: 1, waitingFor: ['tom'], lessons: [offered({ answerBy: '2096-11-27T08:50:00.000Z' })] };
const asked = { transition: 'move.requested' as const, data: data(request) };
const approved = { transition: 'move.approved' as const, data: data({ ...SAMPLES.approved.changes, requestVersion: 2 }) };

let database: TestDatabase;
let nats: RunningNats;
let teller: Teller;
let notifier: TestNotifier;
let replica: TestNotifier;

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase(['scheduling', 'notifier']), startNats()]);
  teller = startTeller({ databaseUrl: database.url('scheduling'), natsUrl: nats.url });
  const servers = { databaseUrl: database.url('notifier'), natsUrl: nats.url };
  [notifier, replica] = await Promise.all([startTestNotifier(servers), startTestNotifier(servers)]);
});
afterAll(async () => {
  await Promise.all([teller?.stop(), notifier?.stop(), replica?.stop()]);
  await Promise.all([database?.drop(), nats?.stop()]);
});
beforeEach(() => emptyTables(notifier.sql, 'told_event, inbox_item, inbox_ticket, contact, mailbox, dead_letter CASCADE'));

const inbox = (who: Parameters<typeof callAs>[1], query = '') => callAs(notifier.url, who, 'GET', `/v1/inbox${query}`);
const told = async (count: number): Promise<void> => {
  await waitFor(`${count} events told`, async () => (await notifier.sql('SELECT FROM told_event')).length === count);
};
const received = (transition: SchedulingTransition, id: string, content: object) => ({ id, type: schedulingEvent(transition).type, time: '2026-11-23T08:00:00.000Z', data: content });

describe('events of scheduling', () => {
  it('are in the inbox of everybody who takes part, in order, and answerable only while they stand', async () => {
    await teller.tell(asked);
    await told(1);
    expect((await inbox(tom)).body).toMatchObject({ unread: 1, items: [{ kind: 'asked', answerable: true, requestId: REQUEST, requestVersion: 1, offer: 1, readAt: null }] });
    expect((await inbox(anna)).body).toMatchObject({ unread: 0, items: [{ kind: 'asked', answerable: false, subject: expect.stringMatching(/^You asked/) }] });
    await teller.tell(approved);
    await told(2);
    expect((await inbox(tom)).body.items.map(({ kind, answerable }: { kind: string; answerable: boolean }) => [kind, answerable])).toEqual([['approved', false], ['asked', false]]);
    expect((await inbox(eve)).body).toEqual({ unread: 0, items: [], next: null });
  });

  it('that come again, or after a crash between the commit and the acknowledgement, are told once', async () => {
    const log = createLogger({ service: 'notifier', level: 'silent' });
    const db = createDatabase({ url: database.url('notifier'), schema: 'notifier', log, metrics: createMetrics('notifier') });
    const event = received('move.requested', 'again', asked.data);
    const take = () => db.transaction((tx) => intake(tx, [event, event], systemClock.now()));
    expect([await take(), await take(), ...(await Promise.all([take(), take()]))]).toEqual([3, 0, 0, 0]);
    // A crash before the commit leaves nothing behind.
    const crash = db.transaction(async (tx) => {
      await intake(tx, [received('move.requested', 'crashed', asked.data)], systemClock.now());
      throw new Error('crash');
    });
    await expect(crash).rejects.toThrow('crash');
    await db.close();
    expect(await notifier.sql('SELECT event_id FROM told_event')).toEqual([{ event_id: 'again' }]);
    expect(await notifier.sql('SELECT FROM inbox_item')).toHaveLength(3);
  });

  it('that cannot be read or stored are dead letters, and the rest goes on', async () => {
    await teller.publish('move.requested', 'not json');
    await teller.publish('move.requested', JSON.stringify({ specversion: '1.0', source: 's', ...received('move.requested', 'poison', { ...asked.data, reason: 'a\u0000b' }) }));
    await teller.tell(asked);
    await told(1);
    await waitFor('both are parked', async () => (await notifier.get<{ items: unknown[] }>('/v1/dead-letters')).body.items.length === 2);
    expect(await notifier.sql('SELECT DISTINCT durable FROM dead_letter')).toEqual([{ durable: schedulingStream.durables[0]?.name }]);
  });

  it('that overtake each other leave no offer open and no late reminder', async () => {
    await teller.tell(approved);
    await told(1);
    await teller.tell(asked, { transition: 'move.reminded', data: data({ ...request, by: { id: 'system', role: 'system' } }) });
    await told(3);
    expect((await inbox(tom)).body.items.map(({ kind, answerable }: { kind: string; answerable: boolean }) => [kind, answerable])).toEqual([['asked', false], ['approved', false]]);
  });
});

describe('the inbox', () => {
  it('is paged and marked, and nobody touches that of somebody else', async () => {
    await teller.tell(asked, asked, asked);
    await told(3);
    const first = (await inbox(tom, '?limit=2')).body;
    expect(first).toMatchObject({ unread: 3, items: [{ kind: 'asked' }, { kind: 'asked' }], next: first.items[1].id });
    expect((await inbox(tom, `?limit=2&after=${first.next}`)).body).toMatchObject({ items: [{ kind: 'asked' }], next: null });
    const id = first.items[0].id as string;
    expect((await callAs(notifier.url, anna, 'POST', `/v1/inbox/${id}/read`)).status).toBe(404);
    await callAs(notifier.url, anna, 'POST', '/v1/inbox/read-all', { upTo: id });
    expect((await inbox(tom)).body.unread).toBe(3);
    expect((await callAs(notifier.url, tom, 'POST', `/v1/inbox/${id}/read`)).body).toEqual({ unread: 2 });
    expect((await inbox(tom, '?state=unread')).body.items).toHaveLength(2);
    expect((await callAs(notifier.url, tom, 'POST', '/v1/inbox/read-all', { upTo: id })).body).toEqual({ unread: 0 });
    expect((await inbox(null)).status).toBe(401);
    expect((await inbox({ id: 'tom', role: 'admin' })).status).toBe(403);
    expect((await inbox(tom, '?after=1%3B')).status).toBe(400);
  });
});

/** What another replica has told, whose release knows a transition that this one does not. */
const tellNewer = async (eventId: string, who = tom): Promise<void> => {
  await notifier.sql(`INSERT INTO told_event (event_id, transition, data, at, told_at) VALUES ($1, 'lesson.teleported', $2, now(), now())`, [eventId, asked.data]);
  await notifier.sql(`INSERT INTO inbox_item (event_id, reader_id, role, zone, locale, created_at) VALUES ($1, $2, $3, 'UTC', 'en', now())`, [eventId, who.id, who.role]);
};

describe('what only a newer release has words for', () => {
  it('is left out of the inbox, and the pages go on', async () => {
    await teller.tell(asked);
    await told(1);
    await tellNewer('newer-1');
    await tellNewer('newer-2');
    const first = (await inbox(tom, '?limit=2')).body;
    expect(first).toMatchObject({ unread: 3, items: [], next: expect.any(String) });
    expect((await inbox(tom, `?limit=2&after=${first.next}`)).body).toMatchObject({ items: [{ kind: 'asked' }], next: null });
  });

  it('is passed by the live inbox, also where there is more of it than one look takes', async () => {
    for (let index = 0; index < 55; index += 1) await tellNewer(`newer-${index}`);
    await teller.tell(asked);
    await told(56);
    const authorization = `Bearer ${await signPersonToken(tom, JWT_SECRET, systemClock.now(), 3600)}`;
    const stream = await openStream(notifier.url, '/v1/inbox/stream?after=0', { authorization });
    await waitFor('the notice', () => stream.events.some(({ event }) => event === 'notice'));
    expect(stream.events.filter(({ event }) => event === 'notice').map(({ data: { kind } }) => kind)).toEqual(['asked']);
    await stream.close();
  });
});

describe('the live inbox', () => {
  const ticketFor = async (who: typeof tom | typeof anna): Promise<string> => (await callAs(notifier.url, who, 'POST', '/v1/inbox/tickets')).body.path as string;

  it('opens once with a ticket, on any replica, and shows one person what is theirs', async () => {
    const path = await ticketFor(tom);
    expect(JSON.stringify(await notifier.sql('SELECT encode(hash, $1) AS hash FROM inbox_ticket', ['base64']))).not.toContain(path.split('=')[1]);
    const stream = await openStream(replica.url, path);
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await waitFor('the first count', () => stream.events.length > 0);
    await teller.tell(asked);
    const notice = await waitFor('the notice', () => stream.events.find(({ event }) => event === 'notice'));
    expect(notice).toMatchObject({ id: notice?.data.id, data: { kind: 'asked', answerable: true } });
    await callAs(notifier.url, tom, 'POST', `/v1/inbox/${notice?.data.id}/read`);
    await waitFor('the count after reading on the other replica', () => stream.events.at(-1)?.event === 'unread' && stream.events.at(-1)?.data.unread === 0);
    await stream.close();
    expect((await callAs(notifier.url, null, 'GET', path)).body).toMatchObject({ status: 401, code: 'ticket-invalid' });
    expect((await callAs(notifier.url, null, 'GET', '/v1/inbox/stream')).status).toBe(401);
  });

  it('resumes after the last event that arrived, without a gap and without a repeat', async () => {
    await teller.tell(asked, approved, asked);
    await told(3);
    const items = (await inbox(tom)).body.items as { id: string; kind: string }[];
    const stream = await openStream(notifier.url, await ticketFor(tom), { 'last-event-id': items.at(-1)?.id ?? '' });
    await waitFor('two more', () => stream.events.filter(({ event }) => event === 'notice').length >= 2);
    await teller.tell(approved);
    await waitFor('the new one', () => stream.events.filter(({ event }) => event === 'notice').length >= 3);
    const newest = (await inbox(tom)).body.items[0].id as string;
    expect(stream.events.filter(({ event }) => event === 'notice').map(({ id }) => id)).toEqual([items[1]?.id, items[0]?.id, newest]);
    await stream.close();
  });

  it('shows nobody what is another\'s, wherever they begin to read', async () => {
    await teller.tell(asked);
    await told(1);
    const other = (await inbox(tom)).body.items[0].id as string;
    const authorization = `Bearer ${await signPersonToken(eve, JWT_SECRET, systemClock.now(), 3600)}`;
    const stream = await openStream(notifier.url, '/v1/inbox/stream?after=0', { authorization });
    await waitFor('the first count', () => stream.events.length > 0);
    await teller.tell({ transition: 'package.sold', data: data({ ...SAMPLES.sold.changes, people: [{ ...eve, zone: 'Europe/Berlin', locale: 'en' }] }) });
    await waitFor('the own notice', () => stream.events.some(({ event }) => event === 'notice'));
    expect(stream.events.filter(({ event }) => event === 'notice').map(({ data: { kind } }) => kind)).toEqual(['sold']);
    expect(stream.events.some(({ id }) => id === other)).toBe(false);
    await stream.close();
  });

  it('is limited for each person, and a ticket that is too old opens nothing', async () => {
    const streams = await Promise.all(Array.from({ length: 5 }, async () => openStream(notifier.url, await ticketFor(anna))));
    const sixth = await callAs(notifier.url, null, 'GET', await ticketFor(anna));
    expect(sixth.body).toMatchObject({ status: 429, code: 'too-many-streams' });
    await Promise.all(streams.map((stream) => stream.close()));
    const path = await ticketFor(anna);
    await notifier.sql("UPDATE inbox_ticket SET expires_at = '2020-01-01'");
    expect((await callAs(notifier.url, null, 'GET', path)).status).toBe(401);
  });
});

describe('contacts', () => {
  const put = (id: string, body: object) => fetch(`${notifier.url}/v1/contacts/${id}`, { method: 'PUT', headers: { authorization: 'Bearer an-admin-token-of-this-test', 'content-type': 'application/json' }, body: JSON.stringify(body) });

  it('give notices names, also those told before, and are erased with the inbox', async () => {
    await teller.tell(asked);
    await told(1);
    expect((await inbox(tom)).body.items[0].subject).toMatch(/^Your student asks to move the lesson · /);
    expect(await (await put('anna', { name: '  <b>Anna</b>\n ', email: 'anna@example.org', unwanted: ['outcomes'] })).json()).toEqual({ participantId: 'anna', name: '<b>Anna</b>', email: 'anna@example.org', unwanted: ['outcomes'], version: 1 });
    expect((await inbox(tom)).body.items[0].subject).toMatch(/^‹b›Anna‹\/b› asks to move the lesson · /);
    expect(await (await put('anna', { name: 'Anna' })).json()).toMatchObject({ email: null, unwanted: ['outcomes'], version: 2 });
    expect((await notifier.get('/v1/contacts?limit=1')).body).toMatchObject({ items: [{ participantId: 'anna' }], next: 'anna' });
    const erased = await fetch(`${notifier.url}/v1/contacts/anna`, { method: 'DELETE', headers: { authorization: 'Bearer an-admin-token-of-this-test' } });
    expect(erased.status).toBe(204);
    expect((await notifier.get('/v1/contacts/anna')).status).toBe(404);
    expect((await inbox(anna)).body.items).toEqual([]);
    expect((await inbox(tom)).body.items[0].subject).toMatch(/^Your student asks/);
  });

  it('that are brought up to date keep what a person does not want, unless they say it', async () => {
    expect(await (await put('tom', { name: 'Tom', email: 'tom@people.example' })).json()).toMatchObject({ unwanted: [], version: 1 });
    expect((await callAs(notifier.url, tom, 'PUT', '/v1/inbox/wishes', { unwanted: ['packages'] })).status).toBe(200);
    expect(await (await put('tom', { name: 'Tom', email: 'new@people.example' })).json()).toMatchObject({ email: 'new@people.example', unwanted: ['packages'], version: 3 });
    expect(await (await put('tom', { name: 'Tom', unwanted: [] })).json()).toMatchObject({ unwanted: [], version: 4 });
  });

  it('refuse what is no contact, an older version, and whoever has no scope', async () => {
    for (const body of [{ name: '' }, { name: 'A', email: 'a\r\nb@example.org' }, { name: 'A\u0000' }, { name: 'A', unwanted: ['offers'] }, { name: 'A', more: 1 }]) {
      expect((await put('anna', body)).status, JSON.stringify(body)).toBe(422);
    }
    const stale = await fetch(`${notifier.url}/v1/contacts/anna`, { method: 'PUT', headers: { authorization: 'Bearer an-admin-token-of-this-test', 'content-type': 'application/json', 'if-match': '"7"' }, body: '{"name":"A"}' });
    expect(stale.status).toBe(412);
    expect((await callAs(notifier.url, tom, 'GET', '/v1/contacts')).status).toBe(401);
  });
});

describe('wishes about mail', () => {
  const OPTIONAL = ['outcomes', 'awaiting', 'packages', 'zone-rules'];
  const known = () => notifier.sql(`INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ('tom', 'Tom', 'tom@people.example', now(), now()), ('anna', 'Anna', NULL, now(), now())`);
  const see = (who: Parameters<typeof callAs>[1]) => callAs(notifier.url, who, 'GET', '/v1/inbox/wishes');
  const wish = (who: Parameters<typeof callAs>[1], body: object, headers?: Record<string, string>) => callAs(notifier.url, who, 'PUT', '/v1/inbox/wishes', body, headers);

  it('are seen and changed by the person whose they are, and by nobody else', async () => {
    await known();
    expect((await see(tom)).body).toEqual({ name: 'Tom', email: 'tom@people.example', mail: null, mailSince: null, unwanted: [], version: 1 });
    expect(await wish(tom, { unwanted: OPTIONAL })).toMatchObject({ status: 200, body: { unwanted: OPTIONAL, version: 2 } });
    expect((await see(tom)).body).toMatchObject({ unwanted: OPTIONAL, version: 2 });
    expect((await see(anna)).body).toMatchObject({ name: 'Anna', unwanted: [], version: 1 });
    expect((await wish(tom, { unwanted: [] })).body).toMatchObject({ unwanted: [], version: 3 });
    for (const who of [null, { id: 'tom', role: 'admin' } as const]) {
      expect([401, 403]).toContain((await see(who)).status);
      expect([401, 403]).toContain((await wish(who, { unwanted: OPTIONAL })).status);
    }
    expect(await notifier.sql('SELECT participant_id AS id, unwanted FROM contact ORDER BY 1')).toEqual([{ id: 'anna', unwanted: [] }, { id: 'tom', unwanted: [] }]);
  });

  it('are refused where they are no wishes, with the field and the reason, and change nothing', async () => {
    await known();
    const offers = await wish(tom, { unwanted: ['outcomes', 'offers'] });
    expect(offers).toMatchObject({ status: 422, body: { errors: [{ pointer: '/unwanted/1', detail: expect.stringContaining('cannot be switched off') }] } });
    for (const [field, body] of [['/name', { unwanted: [], name: 'Eve' }], ['/email', { unwanted: [], email: 'eve@evil.example' }], ['/participantId', { unwanted: [], participantId: 'anna' }], ['/unwanted/0', { unwanted: ['x'] }], ['/unwanted', { unwanted: ['outcomes', 'outcomes'] }], ['/unwanted', {}]] as const) {
      expect(await wish(tom, body)).toMatchObject({ status: 422, body: { errors: [{ pointer: field }] } });
    }
    expect(await notifier.sql(`SELECT name, email, unwanted, version FROM contact WHERE participant_id = 'tom'`)).toEqual([{ name: 'Tom', email: 'tom@people.example', unwanted: [], version: 1 }]);
  });

  it('of an older version are refused, and of somebody without a contact there are none', async () => {
    await known();
    expect(await wish(tom, { unwanted: ['packages'] }, { 'if-match': '"1"' })).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await wish(tom, { unwanted: [] }, { 'if-match': '"1"' })).toMatchObject({ status: 412, body: { code: 'version-stale' } });
    expect(await see(eve)).toMatchObject({ status: 404, body: { code: 'contact-unknown' } });
    expect(await wish(eve, { unwanted: [] })).toMatchObject({ status: 404, body: { code: 'contact-unknown' } });
    expect((await see(tom)).body).toMatchObject({ unwanted: ['packages'], version: 2 });
  });

  it('take what waits out of the queue, but never an offer, and show how the address takes mail', async () => {
    await known();
    await teller.tell(asked, approved);
    await told(2);
    await notifier.sql(`INSERT INTO mail_item (inbox_item_id, event_id, reader_id, topic, created_at)
      SELECT id, event_id, reader_id, CASE transition WHEN 'move.requested' THEN 'offers' ELSE 'outcomes' END, now() FROM inbox_item JOIN told_event USING (event_id) WHERE reader_id IN ('tom', 'anna')`);
    await notifier.sql(`INSERT INTO mailbox (reader_id, state, address, state_at) VALUES ('tom', 'refused', 'tom@people.example', now())`);
    expect((await wish(tom, { unwanted: OPTIONAL })).body).toMatchObject({ mail: 'refused', mailSince: expect.any(String) });
    expect(await notifier.sql('SELECT reader_id AS id, topic FROM mail_item ORDER BY 1, 2')).toEqual([{ id: 'anna', topic: 'offers' }, { id: 'anna', topic: 'outcomes' }, { id: 'tom', topic: 'offers' }]);
    await notifier.sql(`UPDATE contact SET email = 'new@people.example' WHERE participant_id = 'tom'`);
    expect((await see(tom)).body).toMatchObject({ email: 'new@people.example', mail: null, mailSince: null });
  });
});

it('ends live inboxes when it stops', async () => {
  const third = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url });
  const stream = await openStream(third.url, (await callAs(third.url, tom, 'POST', '/v1/inbox/tickets')).body.path as string);
  await waitFor('the first count', () => stream.events.length > 0);
  await third.stop();
  await waitFor('the stream ended', () => stream.ended());
});
