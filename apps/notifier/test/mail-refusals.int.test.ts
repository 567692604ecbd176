// What a server does not take, or takes twice.
import { waitFor } from '@schoolbell/testing';
import { describe, expect, it } from 'vitest';
import { startMailServer, type ReceivedMail } from './mail-server.ts';
import { ADDRESSES, awayAttempts, HOUR_MS, introduce, LEASE_MS, LINK_KEY, mailbox, mailStage, MINUTE_MS, queued, SENDER, smtp } from './mail-stage.ts';
import { spawnNotifier } from './process.ts';
import { asked } from './timetable.ts';

const stage = mailStage();
const { start, arrived, later, mailStates } = stage;

describe('what goes wrong', () => {
  it('a crash between sending and its mark repeats that one mail under the same Message-ID', async () => {
    const child = await spawnNotifier({
      databaseUrl: stage.database.url('notifier'), natsUrl: stage.nats.url, secrets: { LINK_KEY },
      configuration: { mail: { ...SENDER, smtp: smtp(stage.server.port) }, publicUrl: 'https://school.example/notify', linkKeys: [{ env: 'LINK_KEY' }] },
    });
    try {
      const observer = stage.openDatabase();
      await observer.query({ name: 'introduce', text: `INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ('anna', 'Anna', $1, now(), now())`, prepared: false }, [ADDRESSES.anna]);
      await observer.close();
      // The server has taken the last byte, and whoever sent it dies before it hears so.
      stage.server.data = async () => {
        await child.kill();
        return undefined;
      };
      await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
      await arrived(1);
    } finally {
      await child.kill();
    }
    stage.server.data = () => undefined;
    const survivor = await start();
    expect(await survivor.sql('SELECT state, attempts FROM mail')).toEqual([{ state: 'pending', attempts: 1 }]);
    // Nobody takes it while the dead one might still be at it.
    stage.clock.shift(LEASE_MS);
    await arrived(2);
    expect(stage.server.mails[1]!.messageId).toBe(stage.server.mails[0]!.messageId);
    expect(stage.server.mails[1]!.text).toBe(stage.server.mails[0]!.text);
    await waitFor('it is marked', async () => (await survivor.sql(`SELECT 1 FROM mail WHERE state = 'sent' AND attempts = 2`)).length === 1);
    stage.clock.shift(10 * MINUTE_MS);
    await stage.timetable.tell(['move.countered', asked(stage.clock.now(), { offer: 2, requestVersion: 2 })]);
    await arrived(3);
    expect(stage.server.mails.map(({ messageId }) => messageId === stage.server.mails[0]!.messageId)).toEqual([true, true, false]);
  });

  it('greylisting is waited out under the same Message-ID, and a longer wait gathers more', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    stage.server.rcpt = () => 451;
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await waitFor('it is deferred', async () => (await mailbox(notifier, 'anna')).state === 'failing');
    const before = stage.server.asked.length;
    await stage.timetable.tell(['move.requested', asked(stage.clock.now(), { requestId: '77777777-7777-4777-8777-777777777777' })]);
    await queued(notifier, 2);
    expect(stage.server.asked).toHaveLength(before);
    stage.server.rcpt = () => undefined;
    stage.clock.shift(5 * MINUTE_MS);
    await arrived(1);
    expect(stage.server.mails[0]!.subject).toContain('(and 1 more)');
    await waitFor('all is well', async () => (await mailbox(notifier, 'anna')).state === 'ok');
    const ids = await notifier.sql<{ message_id: string }>('SELECT message_id FROM mail');
    expect(ids).toEqual([{ message_id: stage.server.mails[0]!.messageId }]);
  });

  it('a refused address is marked, shown and counted, costs the others nothing, and a new address is written to', async () => {
    const notifier = await start();
    await introduce(notifier);
    stage.server.rcpt = (address) => (address === ADDRESSES.anna ? 550 : undefined);
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1, ADDRESSES.pavel);
    await waitFor('it is refused', async () => (await mailbox(notifier, 'anna')).state === 'refused');
    expect(await mailbox(notifier, 'anna')).toMatchObject({ address: ADDRESSES.anna, nextAt: null, reason: expect.stringContaining('550') });
    expect((await notifier.get('/v1/mailboxes?state=refused')).body).toMatchObject({ items: [{ participantId: 'anna' }], next: null });
    await waitFor('it is counted', async () => /^mail_addresses_refused(\{.*\})? 1$/m.test(await notifier.metricsText()));
    stage.clock.shift(HOUR_MS);
    await stage.timetable.tell(['move.countered', asked(stage.clock.now(), { by: { id: 'tom', role: 'teacher' }, offer: 2, requestVersion: 2 })]);
    await arrived(2, ADDRESSES.pavel);
    expect(stage.server.asked.filter((address) => address === ADDRESSES.anna)).toHaveLength(1);
    await notifier.sql(`UPDATE contact SET email = 'anna@new.example' WHERE participant_id = 'anna'`);
    await waitFor('the new address is written to', () => stage.server.to('anna@new.example').length === 1);
    await waitFor('it is marked', async () => (await mailbox(notifier, 'anna')).state === 'ok');
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'ok', address: 'anna@new.example', reason: null });
  });

  it('a mail that came back marks its address; somebody may say that it takes mail again', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1);
    await waitFor('it is marked', async () => (await notifier.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 1);
    const bounce = { messageId: stage.server.mails[0]!.messageId, reason: '5.1.1 no such user' };
    expect(await notifier.post('/v1/mail/bounces', { ...bounce, messageId: '<other@school.example>' })).toMatchObject({ status: 200, body: { participantId: null } });
    expect(await notifier.post('/v1/mail/bounces', bounce)).toMatchObject({ status: 200, body: { participantId: 'anna' } });
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'refused', reason: '5.1.1 no such user' });
    expect(await mailStates(notifier, 'anna')).toEqual(['bounced']);
    stage.clock.shift(HOUR_MS);
    await stage.timetable.tell(['move.countered', asked(stage.clock.now(), { offer: 2, requestVersion: 2 })]);
    await waitFor('the notice waits', async () => (await mailbox(notifier, 'anna')).waiting === 1);
    expect(await notifier.post('/v1/mailboxes/anna/retry')).toMatchObject({ status: 200, body: { state: 'ok' } });
    await arrived(2);
    expect(await notifier.post('/v1/mailboxes/nobody/retry')).toMatchObject({ status: 404, body: { code: 'mailbox-unknown' } });
  });

  it('a mail that comes back late from a former address does not silence the new one', async () => {
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna });
    await stage.timetable.tell(['move.requested', asked(stage.clock.now())]);
    await arrived(1);
    await later(notifier, HOUR_MS);
    await notifier.sql(`UPDATE contact SET email = 'anna@new.example' WHERE participant_id = 'anna'`);
    await stage.timetable.tell(['move.countered', asked(stage.clock.now(), { offer: 2, requestVersion: 2 })]);
    await arrived(1, 'anna@new.example');
    await later(notifier, HOUR_MS);
    const back = (mail: ReceivedMail | undefined) => notifier.post('/v1/mail/bounces', { messageId: mail?.messageId, reason: '5.1.1 no such user' });
    expect(await back(stage.server.mails[0])).toMatchObject({ status: 200, body: { participantId: 'anna' } });
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'ok', address: 'anna@new.example', reason: null });
    expect(await mailStates(notifier, 'anna')).toEqual(['sent', 'bounced']);
    expect(await back(stage.server.mails[1])).toMatchObject({ status: 200, body: { participantId: 'anna' } });
    expect(await mailbox(notifier, 'anna')).toMatchObject({ state: 'refused', address: 'anna@new.example' });
  });

  it('an outage loses nothing and gathers; a mail that a server refuses holds up no other', async () => {
    const { port } = stage.server;
    const notifier = await start();
    await introduce(notifier, { anna: ADDRESSES.anna, pavel: ADDRESSES.pavel });
    await stage.server.stop();
    for (const id of ['8', '9']) await stage.timetable.tell(['move.requested', asked(stage.clock.now(), { requestId: `${id}8888888-8888-4888-8888-888888888888` })]);
    await waitFor('an attempt fails', async () => (await awayAttempts(notifier)) > 0);
    await queued(notifier, 4);
    // Two mails may have been in hand before everything was queued; the next attempt has all of its reader.
    const before = await awayAttempts(notifier);
    await waitFor('attempts with everything', async () => (await awayAttempts(notifier)) >= before + 3);
    stage.server = await startMailServer(port);
    let refusals = 1;
    stage.server.data = () => (refusals-- > 0 ? 554 : undefined);
    stage.clock.shift(2 * MINUTE_MS);
    await arrived(1);
    stage.clock.shift(2 * MINUTE_MS);
    await waitFor('every item is settled', async () => (await notifier.sql('SELECT 1 FROM mail_item JOIN mail ON mail.id = mail_id WHERE mail.state <> \'pending\'')).length === 4);
    expect(await notifier.sql(`SELECT state FROM mail ORDER BY state`)).toEqual([{ state: 'refused' }, { state: 'sent' }]);
    expect(await notifier.sql(`SELECT state, severity, detail FROM problem WHERE kind = 'mail-refused'`)).toEqual([{ state: 'firing', severity: 'critical', detail: expect.stringContaining('notTaken=true') }]);
    expect((await notifier.get('/v1/mailboxes?notTaken=true')).body).toMatchObject({ items: [{ state: 'ok', notTaken: 2, reason: expect.stringContaining('554') }] });
    expect(stage.server.mails[0]!.html).toMatch(/(class="card"[^]*){2}/);
  });
});
