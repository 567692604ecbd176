import { createHash, timingSafeEqual } from 'node:crypto';
import { createPeriodic, Problem, type HttpServer, type Log, type Periodic, type ScopeGuard } from '@schoolbell/service-kit';
import { z } from 'zod';
import type { Mode, TelegramBot } from './bots.ts';

/** Updates of a bot that takes messages and presses are small. */
const BODY_MAX_BYTES = 256 * 1024;
const REGISTER_EVERY_MS = 5_000;
const HEADER = 'x-telegram-bot-api-secret-token';

const Update = z.looseObject({ update_id: z.int().nonnegative() });

export interface WebhookDeps {
  readonly mode: () => Mode;
  readonly bot: () => TelegramBot | undefined;
}

/** Where Telegram brings updates, if the configuration says so. An update that is not answered 200 comes again. */
export function webhookRoutes(app: HttpServer, deps: WebhookDeps & { failed: (error: unknown) => void }): void {
  const { mode, bot } = deps;
  const guard = (request: Parameters<ScopeGuard>[0], _reply: unknown, done: (error?: Error) => void): void => {
    const current = mode();
    if (current === undefined) return done(new Problem({ status: 404, code: 'webhook-off', title: 'Updates are not taken here.', detail: 'Configure telegram.webhook, or leave it to long polling.' }));
    const presented = request.headers[HEADER];
    if (typeof presented === 'string' && isSame(presented, current.secretToken)) return done();
    done(new Problem({ status: 401, code: 'secret-token-invalid', title: 'This is not Telegram.', detail: `The header ${HEADER} must have the secret that was given to setWebhook.` }));
  };
  app.post(
    '/v1/telegram/updates',
    {
      config: { access: 'own' },
      onRequest: guard,
      bodyLimit: BODY_MAX_BYTES,
      schema: { tags: ['telegram'], summary: 'Updates from Telegram, in webhook mode', description: `Proves itself with the header ${HEADER}.`, body: Update, response: { 200: z.object({ ok: z.literal(true) }) } },
    },
    async ({ body }) => {
      const telegram = bot();
      try {
        await telegram?.register(mode());
        // grammY's types name every field of every update; what it does not know it does not read.
        await telegram?.bot.handleUpdate(body as unknown as Parameters<TelegramBot['bot']['handleUpdate']>[0]);
      } catch (error) {
        deps.failed(error);
        throw new Problem({ status: 503, code: 'update-not-handled', title: 'The update could not be handled now.', detail: 'Send it again.', headers: { 'retry-after': '2' } });
      }
      return { ok: true as const };
    },
  );
}

/** Equal digests are compared in constant time, whatever the lengths. */
function isSame(presented: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(presented), digest(secret));
}

/** In webhook mode Telegram is told the address, as soon as it can be reached. */
export function createRegistrar({ mode, bot, log }: WebhookDeps & { log: Log }): Periodic {
  return createPeriodic({
    name: 'telegram-webhook',
    everyMs: REGISTER_EVERY_MS,
    log,
    run: async (signal) => {
      const current = mode();
      if (current === undefined) return;
      await bot()?.register(current, signal).catch((error: unknown) => log.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'telegram could not be told of the webhook'));
    },
  });
}
