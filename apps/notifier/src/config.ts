import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MailConfig, ServiceName } from '@schoolbell/contracts';
import {
  commonEnvironment,
  defineEnvironment,
  personTokenEnvironment,
  resolveTokens,
  type Attempt,
  type Configuration,
  type ResolvedToken,
  type SecretStore,
} from '@schoolbell/service-kit';
import { isZoneName, type TimeOfDay } from '@schoolbell/time/zones';
import { z } from 'zod';
import { parseLinkKey } from './links/keys.ts';
import { parseAuthorities } from './mail/authorities.ts';
import type { Sender } from './mail/letter.ts';
import type { SmtpServer } from './mail/transport.ts';
import type { Audience } from './problems/audience.ts';

export const environment = defineEnvironment({
  ...commonEnvironment('notifier'),
  ...personTokenEnvironment('NOTIFIER'),
  SPOOL_FILE: z
    .string()
    .optional()
    .describe('File for what is told while the database is away: one per replica, on a disk that outlives the process. Not set: schoolbell-notifier-<port>.json in the folder for temporary files'),
  MAIL_FOLDER: z
    .string()
    .optional()
    .describe('Folder for mails while the configuration names no SMTP server: each as .eml and as .html. Not set: such mails are not written'),
});
export type Env = ReturnType<typeof environment.parse>;

/** Replicas on one machine have different ports, and so different files. */
export function spoolFile({ SPOOL_FILE, PORT }: Pick<Env, 'SPOOL_FILE' | 'PORT'>): string {
  return SPOOL_FILE ?? join(tmpdir(), `schoolbell-notifier-${PORT}.json`);
}

const DAY_MS = 86_400_000;

/** Stands for the log, where alerts go while there is no bot. */
export const LOG_CHAT = 'log';

export interface Chat {
  readonly id: string;
  readonly name: string;
  /** Hears only what nobody has acknowledged in time. */
  readonly escalation: boolean;
  /** A group or a person: alerts have buttons, and commands are taken. */
  readonly commands: boolean;
}

/** Somebody who may act from Telegram. */
export interface User {
  readonly id: number;
  readonly name: string;
}

/** What the notifier makes of the configuration file. */
export interface Prepared {
  /** Undefined: alerts are logged. */
  readonly bot: { readonly token: string; readonly apiRoot: string } | undefined;
  /** In the order of the configuration; ids as text. */
  readonly chats: readonly Chat[];
  readonly users: readonly User[];
  readonly escalateAfterMs: number;
  /** Undefined: people are told in their inbox only. */
  readonly mail: { readonly sender: Sender; readonly smtp: SmtpServer | undefined } | undefined;
  readonly publicUrl: string | undefined;
  readonly linkKeys: readonly Buffer[];
  readonly inboxKeepMs: number;
  /** Whose pages may read the inbox. */
  readonly inboxOrigins: readonly string[];
  /** Undefined: one replica asks Telegram for updates. */
  readonly webhook: { readonly url: string; readonly secretToken: string } | undefined;
  readonly digest: { readonly at: TimeOfDay; readonly zone: string } | undefined;
  readonly heartbeat: { readonly url: string; readonly method: 'GET' | 'POST' } | undefined;
  readonly watch: readonly { readonly service: ServiceName; readonly url: string }[];
  readonly tokens: readonly ResolvedToken[];
}

export function audienceOf({ chats }: Pick<Prepared, 'chats'>): Audience {
  const ids = (escalation: boolean): string[] => chats.filter((chat) => chat.escalation === escalation).map(({ id }) => id);
  return { chats: ids(false), escalation: ids(true) };
}

/** Refuses, with all problems at once, what could fail later. */
export function prepare(configuration: Configuration, attempt: Attempt, secrets: SecretStore): Prepared {
  const { botToken, apiRoot, chats, users, escalateAfterMinutes, digest } = configuration.telegram;
  const token = botToken === undefined ? undefined : attempt('/telegram/botToken', () => secrets.resolve(botToken));
  if (botToken !== undefined) {
    attempt('/telegram/chats', () => {
      if (chats.every(({ escalation }) => escalation)) throw new Error('names no chat that hears of everything: add one without escalation, or remove botToken to log alerts');
    });
  }
  return {
    bot: token === undefined ? undefined : { token, apiRoot },
    chats:
      token === undefined
        ? [{ id: LOG_CHAT, name: 'log', escalation: false, commands: false }]
        : chats.map(({ id, name, escalation, commands }) => ({ id: String(id), name, escalation, commands })),
    users,
    escalateAfterMs: escalateAfterMinutes * 60_000,
    mail: configuration.mail && prepareMail(configuration.mail, attempt, secrets),
    publicUrl: configuration.publicUrl,
    linkKeys: (configuration.linkKeys ?? []).flatMap((reference, index) => attempt(`/linkKeys/${index}`, () => parseLinkKey(secrets.resolve(reference))) ?? []),
    inboxKeepMs: configuration.inbox.keepDays * DAY_MS,
    inboxOrigins: configuration.inbox.origins,
    webhook: prepareWebhook(configuration, attempt, secrets),
    digest: digest && attempt('/telegram/digest/zone', () => prepareDigest(digest)),
    heartbeat: prepareHeartbeat(configuration, attempt, secrets),
    watch: configuration.watch,
    tokens: resolveTokens(configuration, secrets, attempt),
  };
}

/** What Telegram takes. Source: core.telegram.org/bots/api#setwebhook. */
const SECRET_TOKEN = /^[\w-]{1,256}$/;

function prepareWebhook({ telegram: { webhook } }: Configuration, attempt: Attempt, secrets: SecretStore): Prepared['webhook'] {
  if (webhook === undefined) return undefined;
  return attempt('/telegram/webhook/secretToken', () => {
    const secretToken = secrets.resolve(webhook.secretToken);
    if (!SECRET_TOKEN.test(secretToken)) throw new Error('must be 1 to 256 of A-Z a-z 0-9 _ -');
    return { url: webhook.url, secretToken };
  });
}

function prepareDigest({ at, zone }: { readonly at: string; readonly zone: string }): NonNullable<Prepared['digest']> {
  if (!isZoneName(zone)) throw new Error(`"${zone}" is no zone of the time-zone database: name one such as Europe/Berlin`);
  return { at: at as TimeOfDay, zone };
}

function prepareHeartbeat({ heartbeat }: Configuration, attempt: Attempt, secrets: SecretStore): Prepared['heartbeat'] {
  if (heartbeat === undefined) return undefined;
  return attempt('/heartbeat/url', () => {
    const url = secrets.resolve(heartbeat.url);
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw new Error('the secret is no address that begins with http:// or https://');
    return { url, method: heartbeat.method };
  });
}

function prepareMail({ from, name, replyTo, smtp }: MailConfig, attempt: Attempt, secrets: SecretStore): Prepared['mail'] {
  const sender = { address: from, name, replyTo };
  if (smtp === undefined) return { sender, smtp };
  const { user, password, caFile: file, ...server } = smtp;
  const resolved = password && attempt('/mail/smtp/password', () => secrets.resolve(password));
  const ca = file === undefined ? undefined : attempt('/mail/smtp/caFile', () => parseAuthorities(secrets.resolve({ file })));
  return { sender, smtp: { ...server, ca, login: user === undefined || resolved === undefined ? undefined : { user, password: resolved } } };
}
