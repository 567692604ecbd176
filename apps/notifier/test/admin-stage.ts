// The admin's chats as a test of the notifier sees them: servers of the test's own, and the services at the other end of NATS.
import { deliveryControl, deliveryDestinations, deliveryReplay, deliveryUndelivered } from '@schoolbell/contracts';
import { connectNats, RequestRefused, serve, type Nats, type NewAlert } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, startTelegram, testDatabase, waitFor, type RunningNats, type SentMessage, type TelegramStandIn, type TestDatabase } from '@schoolbell/testing';
import { afterEach, beforeEach } from 'vitest';
import { firing, shiftingClock, startReporter, startTestNotifier, type Reporter, type ShiftingClock, type TestNotifier } from './notifier.ts';

export const ANNA = { id: 7, name: 'Anna' };
export const BORIS = { id: 8, name: 'Boris' };
export const GROUP = -5;
export const MINUTE_MS = 60_000;
export const log = createLogger({ service: 'delivery', level: 'silent' });

/** New for each test. A test may put another notifier in its place. */
export interface AdminServers {
  database: TestDatabase;
  nats: RunningNats;
  telegram: TelegramStandIn;
  clock: ShiftingClock;
  reporter: Reporter;
  notifier: TestNotifier;
  delivery: Nats;
}

/** The stage of all tests of the file that calls it. */
export function adminStage() {
  const stage = {} as AdminServers;
  let stops: (() => void)[];

  beforeEach(async () => {
    stage.clock = shiftingClock();
    stops = [];
    const { clock } = stage;
    [stage.database, stage.nats, stage.telegram] = await Promise.all([testDatabase(['ingest', 'notifier']), startNats(), startTelegram({ clock })]);
    stage.reporter = startReporter({ databaseUrl: stage.database.url('ingest'), natsUrl: stage.nats.url, clock });
    stage.delivery = connectNats({ url: stage.nats.url, name: 'delivery', log });
    stage.notifier = await start();
  });
  afterEach(async () => {
    for (const stop of stops) stop();
    await Promise.all([stage.reporter.stop(), stage.notifier.stop(), stage.delivery.close()]);
    await Promise.all([stage.database.drop(), stage.nats.stop(), stage.telegram.stop()]);
  });

  const start = (more: Partial<Parameters<typeof startTestNotifier>[0]> = {}): Promise<TestNotifier> =>
    startTestNotifier({
      databaseUrl: stage.database.url('notifier'), natsUrl: stage.nats.url, telegram: stage.telegram, clock: stage.clock,
      chats: [GROUP, ANNA.id], escalation: [9], users: [ANNA, BORIS], ...more,
    });
  const said = (what: RegExp, chat?: number): Promise<SentMessage> =>
    waitFor(`the bot says ${what}`, () => {
      stage.clock.shift(30);
      return stage.telegram.messages.findLast(({ text, chatId }) => what.test(text) && (chat === undefined || chatId === String(chat)));
    });
  const answering = (...more: (() => void)[]): void => void stops.push(...more);

  return Object.assign(stage, {
    start,
    said,
    answering,
    toast: (what: RegExp): Promise<unknown> => waitFor(`a press is answered ${what}`, () => stage.telegram.answers.some(({ text }) => what.test(text))),
    settled: (): Promise<unknown> => waitFor('every update is confirmed', () => stage.telegram.unconfirmed().length === 0),
    actions: () => stage.notifier.sql<{ kind: string; by: string; via: string; user_id: string; target: string; detail: string }>('SELECT kind, by, via, user_id, target, detail FROM action ORDER BY id'),
    /** Connected, and what it answers to has reached the server. */
    async waitForDelivery(): Promise<void> {
      await waitFor('delivery is connected', () => stage.delivery.connected());
      await stage.delivery.current()!.connection.flush();
    },
    /** While Telegram asks the chat to wait, everything gathers. */
    async gather(...alerts: NewAlert[]): Promise<SentMessage> {
      const { telegram, reporter, notifier, clock } = stage;
      telegram.setFault({ kind: 'refuse', status: 429, description: 'Too Many Requests: retry after 30', parameters: { retry_after: 30 } }, GROUP);
      await reporter.raise(firing('first'));
      await waitFor('the chat is held', () => telegram.requests.some(({ status }) => status === 429));
      await reporter.raise(...alerts);
      await waitFor('all of them wait', async () => (await notifier.sql('SELECT 1 FROM notice WHERE chat_id = $1 AND message_id IS NULL', [String(GROUP)])).length === alerts.length);
      telegram.setFault(undefined, GROUP);
      clock.shift(30_000);
      return said(new RegExp(`${alerts.length} problems`), GROUP);
    },
    /** What delivery was told, with a destination called acme-lms. */
    startDelivery() {
      const controls: object[] = [];
      const replays: { key: string; dryRun: boolean }[] = [];
      const known = (id: string | undefined): void => {
        if (id !== undefined && id !== 'acme-lms') throw new RequestRefused(`There is no destination "${id}" in the configuration that is in force.`);
      };
      const deps = { nats: stage.delivery, log };
      answering(
        serve(deps, deliveryUndelivered, async ({ destinationId }) => {
          known(destinationId);
          return { total: 0, items: [] };
        }),
        serve(deps, deliveryControl, async (wish) => {
          known(wish.destinationId);
          controls.push(wish);
          return { changed: 1, total: 1 };
        }),
        serve(deps, deliveryReplay, async (wish) => {
          replays.push(wish);
          return { matched: 12 };
        }),
        serve(deps, deliveryDestinations, async () => ({
          total: 1,
          items: [{ id: 'acme-lms', state: 'active' as const, stateReason: 'configured', circuit: 'open' as const, circuitReason: '5 failures <b>in</b> a row', holdUntil: null, due: 3, inFlight: 0, parked: 2, oldestSince: null }],
        })),
      );
      return { controls, replays };
    },
  });
}
