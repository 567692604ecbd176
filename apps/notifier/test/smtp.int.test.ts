import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TRIES_ENOUGH } from '../src/mail/relaying.ts';
import { createTestAuthority } from './certificates.ts';
import { startMailServer, type MailSecurity, type MailServer } from './mail-server.ts';
import { shiftingClock, startTestNotifier, type ShiftingClock, type TestNotifier } from './notifier.ts';
import { asked, startTimetable, type Timetable } from './timetable.ts';

const HOLD_MAX_MS = 31_000;
const LOGIN = { user: 'schoolbell', password: 'the right one' };
const SECRETS = { SMTP_RIGHT: LOGIN.password, SMTP_WRONG: 'the-wrong-one' };
const authority = createTestAuthority();
const here = authority.issue(['127.0.0.1']);

let folder: string;
let caFile: string;
let database: TestDatabase;
let nats: RunningNats;
let clock: ShiftingClock;
let timetable: Timetable;
let server: MailServer | undefined;
let notifier: TestNotifier | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authorities-'));
  caFile = join(folder, 'authority.pem');
  await writeFile(caFile, authority.certificate);
  nats = await startNats();
});
afterAll(async () => {
  await Promise.all([nats?.stop(), rm(folder, { recursive: true })]);
});
beforeEach(async () => {
  clock = shiftingClock();
  database = await testDatabase(['scheduling', 'notifier']);
  timetable = startTimetable({ databaseUrl: database.url('scheduling'), natsUrl: nats.url, clock });
});
afterEach(async () => {
  await Promise.all([timetable.stop(), notifier?.stop()]);
  await Promise.all([database.drop(), server?.stop()]);
  notifier = server = undefined;
});

const mail = (smtp: object) => ({ mail: { from: 'lessons@school.example', smtp: { host: '127.0.0.1', timeoutMs: 10_000, ...smtp } } });
const login = (secret: keyof typeof SECRETS) => ({ user: LOGIN.user, password: { env: secret } });

/** A server, a notifier that is to use it, and a mail that waits for Anna. */
async function play(security: MailSecurity, smtp: object, rcpt?: MailServer['rcpt']): Promise<{ server: MailServer; notifier: TestNotifier }> {
  server = await startMailServer(0, security);
  if (rcpt !== undefined) server.rcpt = rcpt;
  notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, clock, configuration: mail({ port: server.port, ...smtp }), secrets: SECRETS });
  await notifier.sql(`INSERT INTO contact (participant_id, name, email, created_at, updated_at) VALUES ('anna', 'Anna', 'anna@people.example', now(), now())`);
  await timetable.tell(['move.requested', asked(clock.now())]);
  return { server, notifier };
}

const problem = async ({ sql }: TestNotifier): Promise<{ state: string; detail: string; severity: string } | undefined> =>
  (await sql<{ state: string; detail: string; severity: string }>(`SELECT state, detail, severity FROM problem WHERE kind = 'smtp-unusable' AND total > 0`))[0];
const alerted = (one: TestNotifier, state: string) => waitFor(`the alert is ${state}`, async () => {
  const found = await problem(one);
  return found?.state === state ? found : undefined;
});
/** Nothing was taken, and all of it waits. */
async function expectWaiting(one: TestNotifier): Promise<void> {
  expect(server!.mails).toEqual([]);
  expect(await one.sql(`SELECT 1 FROM mail_item LEFT JOIN mail ON mail.id = mail_id WHERE coalesce(mail.state, 'pending') = 'pending'`)).toHaveLength(1);
  expect((await one.get('/v1/mailboxes/anna')).body).toMatchObject({ state: 'ok', reason: null });
}
const sent = (one: TestNotifier) => waitFor('it is marked', async () => (await one.sql(`SELECT 1 FROM mail WHERE state = 'sent'`)).length === 1);

describe('a server with TLS and a login', () => {
  it.each(['implicit', 'starttls'] as const)('takes mails over %s', async (mode) => {
    const { server: used, notifier: one } = await play({ tls: { mode, ...here }, login: LOGIN }, { tls: mode, caFile, ...login('SMTP_RIGHT') });
    await sent(one);
    expect(used.mails).toMatchObject([{ encrypted: true, user: LOGIN.user, recipient: 'anna@people.example' }]);
    expect(await problem(one)).toBeUndefined();
  }, 90_000);

  it('that refuses the login is an alert; mails wait, and go when the password is right', async () => {
    const tls = { tls: 'starttls', caFile };
    const { server: used, notifier: one } = await play({ tls: { mode: 'starttls', ...here }, login: LOGIN }, { ...tls, ...login('SMTP_WRONG') });
    expect(await alerted(one, 'firing')).toMatchObject({ severity: 'critical', detail: expect.stringContaining('mail.smtp.password') });
    await expectWaiting(one);
    expect(one.lines.join()).toContain('535');
    expect(one.lines.join()).not.toContain(SECRETS.SMTP_WRONG);
    expect((await (await fetch(`${one.url}/health/ready`)).json())).toMatchObject({ status: 'degraded' });
    expect(await one.configure({}, mail({ port: used.port, ...tls, ...login('SMTP_RIGHT') }))).toBe(true);
    clock.shift(HOLD_MAX_MS);
    await sent(one);
    expect(used.mails).toHaveLength(1);
    await alerted(one, 'resolved');
  }, 120_000);
});

describe('a certificate', () => {
  it.each([
    ['of an authority that is not known', 'implicit', here, {}],
    ['of an authority that is not known, after STARTTLS,', 'starttls', here, {}],
    ['of another host', 'implicit', authority.issue(['mail.elsewhere.example']), { caFile: true }],
    ['that has expired', 'starttls', authority.issue(['127.0.0.1'], '20210101000000Z'), { caFile: true }],
  ] as const)('%s is an alert, and no mail or login is handed over', async (_name, mode, certificate, trust) => {
    const { notifier: one } = await play({ tls: { mode, ...certificate }, login: LOGIN }, { tls: mode, ...login('SMTP_RIGHT'), ...('caFile' in trust ? { caFile } : {}) });
    expect((await alerted(one, 'firing')).detail).toContain('Its certificate is not trusted');
    await expectWaiting(one);
    expect(server!.asked).toEqual([]);
  }, 90_000);
});

it('a server that does not begin TLS is told nothing, and an alert', async () => {
  const { notifier: one } = await play({}, { tls: 'starttls' });
  expect((await alerted(one, 'firing')).detail).toContain('mail.smtp.tls');
  await expectWaiting(one);
  expect(server!.asked).toEqual([]);
}, 90_000);

it('a server that relays nothing for us is an alert, refuses no reader, and has their mails when it does', async () => {
  const { server: used, notifier: one } = await play({}, { tls: 'none' }, (address) => [554, `5.7.1 <${address}>: Relay access denied`]);
  // One reader alone may meet a policy about them; several tries, with nobody else served, are enough.
  for (let tries = 1; tries < TRIES_ENOUGH; tries += 1) {
    await waitFor(`try ${tries} is refused`, async () => used.asked.length >= tries && (await one.sql('SELECT 1 FROM mailbox WHERE lease_token IS NULL')).length === 1);
    expect(await problem(one)).toBeUndefined();
    clock.shift(60_000);
  }
  expect((await alerted(one, 'firing')).detail).toContain('does not take mails for others');
  await expectWaiting(one);
  expect(one.lines.join()).toContain('<…>: Relay access denied');
  used.rcpt = () => undefined;
  clock.shift(60_000);
  await sent(one);
  await alerted(one, 'resolved');
}, 90_000);

describe('the configuration', () => {
  const begin = (smtp: object) => startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, configuration: mail({ port: 25, ...smtp }), secrets: SECRETS });
  it('is refused where it is wrong, with the place', async () => {
    const noPem = join(folder, 'no.pem');
    await writeFile(noPem, 'no certificate');
    const broken = join(folder, 'broken.pem');
    await writeFile(broken, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
    const cases: [object, RegExp][] = [
      [{ user: 'x' }, /\/mail\/smtp: a login needs both/],
      [{ tls: 'none', ...login('SMTP_RIGHT') }, /\/mail\/smtp\/tls: must be starttls or implicit/],
      [{ tls: 'none', caFile }, /\/mail\/smtp\/caFile: has no meaning/],
      [{ caFile: join(folder, 'absent.pem') }, /\/mail\/smtp\/caFile: .*ENOENT/],
      [{ caFile: noPem }, /\/mail\/smtp\/caFile: the file has no certificate/],
      [{ caFile: broken }, /\/mail\/smtp\/caFile: certificate 1 of the file cannot be read/],
      [{ user: 'x', password: { env: 'SMTP_ABSENT' } }, /\/mail\/smtp\/password: environment variable SMTP_ABSENT is not set/],
    ];
    for (const [smtp, message] of cases) await expect(begin(smtp)).rejects.toThrow(message);
  });
});
