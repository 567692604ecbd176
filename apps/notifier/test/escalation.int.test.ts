// Every kind of alert that somebody must take in hand, on the way that it comes: by the stream of its service, or past it.
import type { AlertKind } from '@schoolbell/contracts';
import type { NewAlert } from '@schoolbell/messaging';
import { startNats, startTelegram, testDatabase, waitFor, type RunningNats, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { formatInstant } from '@schoolbell/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstLine, shiftingClock, startReporter, startTestNotifier, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';

const MINUTE_MS = 60_000;
const [FIRST, NEXT, LAST] = [1, 8, 9];

type Way = 'stream' | 'direct';
const KINDS = [
  ['database-down', 'results', 'direct'],
  ['nats-down', 'ingest', 'direct'],
  ['notifier-backlog', 'ingest', 'direct'],
  ['circuit-open', 'delivery', 'stream'],
  ['source-silent', 'ingest', 'stream'],
  ['dead-letter', 'results', 'stream'],
] as const satisfies [AlertKind, string, Way][];

let database: TestDatabase;
let nats: RunningNats;
let telegram: TelegramStandIn;
let clock: ShiftingClock;
let reporter: Reporter | undefined;
let notifier: TestNotifier;

beforeEach(async () => {
  clock = shiftingClock();
  [database, nats, telegram] = await Promise.all([testDatabase(['ingest', 'results', 'delivery', 'notifier']), startNats(), startTelegram({ clock })]);
});
afterEach(async () => {
  await Promise.all([reporter?.stop(), notifier.stop()]);
  await Promise.all([database.drop(), nats.stop(), telegram.stop()]);
});

async function start(service: 'ingest' | 'results' | 'delivery', telegramParts: object = {}): Promise<Reporter> {
  reporter = startReporter({ databaseUrl: database.url(service), natsUrl: nats.url, clock, service });
  notifier = await startTestNotifier({ databaseUrl: database.url('notifier'), natsUrl: nats.url, telegram, clock, chats: [FIRST], escalation: [NEXT, LAST], telegramParts });
  return reporter;
}

const alert = (kind: AlertKind, subject: string, state: NewAlert['state'] = 'firing'): NewAlert => ({ fingerprint: `${kind}:${subject}`, kind, state, severity: 'critical', title: `${subject} is in trouble`, detail: state });
const linesIn = (chat: number): string[] => telegram.messages.filter(({ chatId }) => chatId === String(chat)).map(({ text }) => text);
const hears = (chat: number, what: RegExp): Promise<unknown> => waitFor(`chat ${chat} hears ${what}`, () => linesIn(chat).some((text) => what.test(text)));
const idOf = async (fingerprint: string): Promise<string | undefined> => (await notifier.sql<{ id: string }>('SELECT id::text AS id FROM problem WHERE fingerprint = $1', [fingerprint]))[0]?.id;

/** What is told on the stream is told once; what goes past it is told again and again, or it counts as over. */
async function tell(from: Reporter, way: Way, ...alerts: NewAlert[]): Promise<void> {
  const since = formatInstant(clock.now());
  if (way === 'stream') await from.raise(...alerts);
  await waitFor('the alerts are taken in', async () => {
    if (way === 'direct') for (const one of alerts) from.messaging.alerts.raiseDirect(one);
    const taken = await notifier.sql('SELECT 1 FROM problem WHERE fingerprint = ANY ($1) AND last_at >= $2', [alerts.map(({ fingerprint }) => fingerprint), since]);
    return taken.length === alerts.length;
  });
}

describe('the escalation', () => {
  it.each(KINDS)('of %s from %s, told by %s, goes from chat to chat unless somebody has it in hand or it is over', async (kind, service, way) => {
    const from = await start(service);
    const [left, taken, over] = ['left', 'taken', 'over'].map((subject) => alert(kind, subject)) as [NewAlert, NewAlert, NewAlert];
    await tell(from, way, left, taken, over);
    await hears(FIRST, /over is in trouble/);
    expect(await notifier.post(`/v1/alerts/${await idOf(taken.fingerprint)}/acknowledge`)).toMatchObject({ status: 200 });
    await tell(from, way, alert(kind, 'over', 'resolved'));
    await hears(FIRST, /✅[^]*over is in trouble/);

    const pass = async (minutes: number): Promise<void> => {
      for (let minute = 0; minute < minutes; minute += 1) {
        clock.shift(MINUTE_MS);
        if (way === 'direct') await tell(from, way, left, taken);
      }
    };
    await pass(15);
    await hears(NEXT, /not acknowledged, critical/);
    expect(linesIn(LAST)).toEqual([]);
    await pass(15);
    await hears(LAST, /not acknowledged, critical/);
    expect([...linesIn(NEXT), ...linesIn(LAST)].map((text) => [firstLine(text).split(' · ').slice(0, 2), /taken|over/.test(text)])).toEqual([
      [['🔴 not acknowledged, critical', kind], false],
      [['🔴 not acknowledged, critical', kind], false],
    ]);
    const early = `SELECT 1 FROM notice WHERE phase = 'escalated' AND at < first_at + CASE chat_id WHEN '${NEXT}' THEN 15 ELSE 30 END * interval '1 minute'`;
    expect(await notifier.sql(early)).toEqual([]);

    await tell(from, way, alert(kind, 'left', 'resolved'), alert(kind, 'taken', 'resolved'));
    await Promise.all([FIRST, NEXT, LAST].map((chat) => hears(chat, /✅[^]*left is in trouble/)));
    await hears(FIRST, /✅[^]*taken is in trouble/);
    expect([...linesIn(NEXT), ...linesIn(LAST)].filter((text) => text.includes('taken'))).toEqual([]);
  });

  it('comes when the configuration says', async () => {
    const from = await start('ingest', { escalateAfterMinutes: 5 });
    await tell(from, 'stream', alert('source-silent', 'left'));
    await hears(FIRST, /left is in trouble/);
    clock.shift(5 * MINUTE_MS);
    await hears(NEXT, /left is in trouble/);
    expect(await notifier.configure({ ...telegramOf(60) })).toBe(true);
    clock.shift(5 * MINUTE_MS);
    await tell(from, 'stream', alert('source-silent', 'later'));
    await hears(FIRST, /later is in trouble/);
    expect(linesIn(LAST)).toEqual([]);
    clock.shift(110 * MINUTE_MS);
    await hears(LAST, /left is in trouble/);
  });

  it('is none of a warning', async () => {
    const from = await start('ingest');
    await tell(from, 'stream', { ...alert('webhook-invalid', 'mild'), severity: 'warning' }, alert('source-silent', 'left'));
    await hears(FIRST, /mild/);
    clock.shift(15 * MINUTE_MS);
    await hears(NEXT, /left is in trouble/);
    expect(linesIn(NEXT).filter((text) => text.includes('mild'))).toEqual([]);
  });
});

const telegramOf = (escalateAfterMinutes: number): object => ({
  botToken: { env: 'BOT' },
  apiRoot: telegram.apiRoot,
  chats: [{ id: FIRST, name: 'first' }, { id: NEXT, name: 'next', escalation: true }, { id: LAST, name: 'last', escalation: true }],
  escalateAfterMinutes,
});
