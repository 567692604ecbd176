import { z } from 'zod';
import { Identifier, Slug } from '../identifiers.ts';
import { SERVICE_NAMES } from '../services.ts';
import { SCOPES } from './scopes.ts';

/** A secret is named, never written: the environment variable or the file that holds it. */
export const SecretReference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable') }),
  z.strictObject({ file: z.string().min(1) }),
]);
export type SecretReference = z.infer<typeof SecretReference>;

const secrets = z.array(SecretReference).min(1).max(8).describe('All are active: that is how they are rotated');
const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'a header name');
const Expression = z.string().min(1).max(20_000);

/** Which attempt counts for a test: the best (highest share of the maximum, tie: latest), the latest, the first. */
export const AttemptPolicy = z.enum(['best', 'latest', 'first']);
export type AttemptPolicy = z.infer<typeof AttemptPolicy>;

/**
 * Longest lists of a summary. NATS takes 1 MiB for a message, and a summary that does not fit is never told. The summary
 * travels as a text within JSON, where a quotation mark of an id, escaped twice, is four bytes: with ids of 128 of them a
 * test is 1,179 bytes, a course 684, and both lists together 0.9 MB. With UUIDs they are 0.2 MB. What is cut is read by API.
 */
export const SUMMARY_TESTS_MAX = 600;
export const SUMMARY_COURSES_MAX = 300;

export const OrganizationConfig = z.strictObject({
  id: Identifier.describe('The id that the platform gives in its events'),
  name: z.string().max(200).optional().describe('For people'),
  attemptPolicy: AttemptPolicy.default('best').describe(
    'Which attempt counts for a test: the best (highest share of the maximum, tie: the latest), the latest, the first',
  ),
  summaryLimits: z
    .strictObject({
      tests: z.int().min(1).max(SUMMARY_TESTS_MAX).default(500).describe('Longest list of tests'),
      courses: z.int().min(1).max(SUMMARY_COURSES_MAX).default(200).describe('Longest list of courses'),
    })
    .prefault({})
    .describe('Bounds of the lists in a summary; a list that is cut says so'),
  rating: z
    .strictObject({ everyMinutes: z.int().min(1).max(10_080).describe('Changed ranks are told at most this often') })
    .optional()
    .describe('Pushes changed ranks to destinations that ask for them. Absent: ranks are only read'),
});
export type OrganizationConfig = z.infer<typeof OrganizationConfig>;

/** How a source proves itself. Several secrets are all active: that is how they are rotated. */
export const SourceAuthentication = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('standard-webhooks'), secrets }),
  z.strictObject({
    scheme: z.literal('hmac'),
    header: HeaderName.describe('The header with the digest of the raw body'),
    algorithm: z.enum(['sha256', 'sha512']).default('sha256'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    prefix: z.string().max(32).default('').describe('Fixed text before the digest, such as `sha256=`'),
    secrets,
  }),
  z.strictObject({ scheme: z.literal('bearer'), secrets }),
  z.strictObject({ scheme: z.literal('basic'), username: z.string().min(1).max(128), secrets }),
]);
export type SourceAuthentication = z.infer<typeof SourceAuthentication>;

/** Where the source's own event id stands: a header, or a JSON pointer into the body. */
export const EventIdLocation = z.union([
  z.strictObject({ header: HeaderName.describe('The header with the id') }),
  z.strictObject({
    pointer: z.string().regex(/^(\/[^/]*)+$/, 'a JSON pointer such as /event/id').describe('JSON pointer into the body'),
  }),
]);
export type EventIdLocation = z.infer<typeof EventIdLocation>;

export const SourceConfig = z.strictObject({
  id: Slug.describe('The last part of the address: `/v1/webhooks/<id>`'),
  organizations: z.array(Identifier).min(1).max(1000).describe('Organizations this source may report about'),
  defaultOrganization: Identifier.optional().describe('Taken where an event names none. Absent: the first of `organizations`'),
  authentication: SourceAuthentication.describe('How the source proves itself'),
  eventId: EventIdLocation.default({ header: 'webhook-id' }).describe("Where the source's own event id stands"),
  transform: Expression.optional().describe("JSONata from the source's event to the canonical one"),
  typePointer: z.string().default('/type').describe("JSON pointer to the type in the source's own event, for `ignoreTypes`"),
  ignoreTypes: z
    .array(z.string().min(1).max(200))
    .max(100)
    .default([])
    .describe('Types that are answered 202, counted, and not stored'),
  silentAfterMinutes: z
    .int()
    .min(1)
    .max(43_200)
    .optional()
    .describe('Alert when nothing was accepted for so long. Absent: never'),
  ratePerSecond: z.int().min(1).max(100_000).default(5000).describe('Accepted requests per second and replica; above it 429'),
});
export type SourceConfig = z.infer<typeof SourceConfig>;

export const DestinationConfig = z.strictObject({
  id: Slug.describe('Names the destination in addresses, metrics and alerts'),
  organizationId: Identifier.describe('Whose learners are told'),
  url: z.url({ protocol: /^https?$/ }).describe('Where messages are POSTed; redirects are not followed'),
  secrets: secrets.describe('Standard Webhooks secrets (`whsec_…`). All sign, so that the receiver can rotate'),
  headers: z.record(HeaderName, SecretReference).default({}).describe('Own headers of the receiver'),
  events: z.array(z.enum(['summary', 'rating'])).min(1).default(['summary']).describe('What is sent; `"rating"` needs `rating` at the organization'),
  transform: Expression.optional().describe('JSONata from the message to what is sent'),
  allowPrivateNetwork: z.boolean().default(false).describe('Let requests reach private, link-local and loopback addresses'),
  ratePerSecond: z.number().min(0.01).max(10_000).default(50).describe('Requests per second, over all replicas'),
  concurrency: z.int().min(1).max(256).default(8).describe('Requests at once, over all replicas'),
  timeoutMs: z.int().min(100).max(60_000).default(10_000).describe('One deadline over connect, headers and body'),
  startPaused: z
    .boolean()
    .default(false)
    .describe("The first start is paused, until the cutover's comparison is done and somebody resumes it"),
  lateAfterMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(15)
    .describe('Alert when the oldest summary that is wanted and not delivered is older'),
});
export type DestinationConfig = z.infer<typeof DestinationConfig>;

export const TokenConfig = z.strictObject({
  name: Slug.describe('Who has it'),
  secret: SecretReference.describe('The bearer token itself, at least 24 characters'),
  scopes: z.array(z.enum(SCOPES)).min(1).describe('What it may do; see below'),
  organizations: z.array(Identifier).optional().describe('Restricts what it does with results and deliveries to these organizations, and keeps quarantine and dead letters from it, which may be about any. Absent: all'),
});
export type TokenConfig = z.infer<typeof TokenConfig>;

export const TelegramConfig = z.strictObject({
  botToken: SecretReference.optional().describe('Absent: alerts are logged instead'),
  apiRoot: z.url().default('https://api.telegram.org').describe('Bot API server'),
  chats: z
    .array(
      z.strictObject({
        id: z.union([z.int(), z.string().regex(/^@\w+$/)]).describe('Number of the chat, or `@name` of a channel'),
        name: z.string().max(64).describe('For people'),
        escalation: z
          .boolean()
          .default(false)
          .describe('Hears only critical alerts that nobody has acknowledged in time; several are told one after the other'),
        commands: z
          .boolean()
          .default(false)
          .describe('A group or a person: buttons on alerts, and commands of `users`. Leave it false for a channel, which only hears'),
      }),
    )
    .max(20)
    .default([])
    .describe('The chats of the admins'),
  escalateAfterMinutes: z
    .int()
    .min(1)
    .max(1440)
    .default(15)
    .describe('A critical alert that nobody acknowledges for so long goes to the next escalation chat'),
  users: z
    .array(
      z.strictObject({
        id: z.int().positive().describe('Number of the Telegram account; the bot tells it to whoever is refused'),
        name: z.string().min(1).max(64).describe('For people, and in the record of what was done'),
      }),
    )
    .max(200)
    .default([])
    .describe('Who may press buttons and give commands, in chats with `commands`'),
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).describe("The notifier's `/v1/telegram/updates`, as Telegram reaches it"),
      secretToken: SecretReference.describe('1 to 256 of `A-Z a-z 0-9 _ -`; Telegram sends it with every update'),
    })
    .optional()
    .describe('Telegram brings updates to this address. Absent: one replica asks for them (long polling)'),
  digest: z
    .strictObject({
      at: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 09:00').describe('Time of day'),
      zone: z.string().min(1).max(64).describe('IANA zone of that time'),
    })
    .optional()
    .describe('A daily digest to every chat that hears of everything. Absent: none'),
});
export type TelegramConfig = z.infer<typeof TelegramConfig>;

const Address = z.email().max(254);

/** How people are written to. */
export const MailConfig = z.strictObject({
  from: Address.describe('Sender of all mails, and organizer of the calendar entries in them'),
  name: z.string().min(1).max(64).default('Schoolbell').describe('Name beside that address'),
  replyTo: Address.optional().describe('Where answers go. Absent: to the sender'),
  smtp: z
    .strictObject({
      host: z.string().min(1).max(253).describe('The server that takes the mails'),
      port: z.int().min(1).max(65_535).default(587).describe('587 with STARTTLS, 465 with `tls` `implicit`'),
      tls: z
        .enum(['implicit', 'starttls', 'none'])
        .default('starttls')
        .describe('`implicit`: from the first byte; `starttls`: required after the greeting; `none`: only for a relay on the same machine'),
      caFile: z
        .string()
        .min(1)
        .max(4096)
        .optional()
        .describe("File with the certificates (PEM) that the server's must come from, of a private authority or its own. Absent: the public authorities. It is always checked"),
      user: z.string().min(1).max(254).optional().describe('Absent: no login'),
      password: SecretReference.optional().describe('Of that user'),
      connections: z.int().min(1).max(50).default(4).describe('Kept open at most, for each replica'),
      timeoutMs: z.int().min(100).max(60_000).default(10_000).describe('A server that is silent for so long is away'),
    })
    .refine(({ user, password }) => (user === undefined) === (password === undefined), 'a login needs both user and password')
    .refine(({ user, tls }) => user === undefined || tls !== 'none', { path: ['tls'], error: 'must be starttls or implicit: a login would be readable on its way' })
    .refine(({ caFile, tls }) => caFile === undefined || tls !== 'none', { path: ['caFile'], error: 'has no meaning without TLS' })
    .optional()
    .describe('Absent: mails are written as files into the folder MAIL_FOLDER, if there is one'),
});
export type MailConfig = z.infer<typeof MailConfig>;
export const InboxConfig = z.strictObject({
  keepDays: z.int().min(30).max(3650).default(180).describe('How long notices stay in the inbox. At least 30: it is also how repeats are known'),
  origins: z
    .array(z.url({ protocol: /^https?$/ }).refine((url) => URL.parse(url)?.origin === url && !url.includes('*'), 'must be an origin such as https://app.example: no path, no slash at the end'))
    .max(50)
    .default([])
    .describe("Origins whose pages may read the inbox with a person's bearer token or ticket (CORS). Absent: only the notifier's own"),
});
export type InboxConfig = z.infer<typeof InboxConfig>;

export const LessonsConfig = z.strictObject({
  overdueAfterMinutes: z.int().min(1).max(1440).default(5).describe('Alert when what should have happened to a lesson by itself is later than this'),
});

/** The one declarative file, `SCHOOLBELL_CONFIG`. */
export const ConfigurationFile = z.strictObject({
  organizations: z.array(OrganizationConfig).max(10_000).default([]).describe('Whose learners the results are about'),
  sources: z.array(SourceConfig).max(1000).default([]).describe('Who sends webhooks'),
  destinations: z.array(DestinationConfig).max(10_000).default([]).describe('Who is told'),
  tokens: z.array(TokenConfig).max(1000).default([]).describe('Bearer tokens of the operating endpoints'),
  telegram: TelegramConfig.prefault({}).describe('Where alerts go, and who may act on them there'),
  heartbeat: z
    .strictObject({
      url: SecretReference.describe('The address itself: whoever knows it can feign a heartbeat'),
      method: z.enum(['GET', 'POST']).default('GET'),
    })
    .optional()
    .describe('Asked each minute while the notifier is well, so that a monitor outside sees when it has fallen silent'),
  mail: MailConfig.optional().describe('How people are written to. Absent: they are told in their inbox only'),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    // With the longest token a line of a header must stay below 998 characters (RFC 5322, 2.1.1).
    .max(300)
    .optional()
    .describe('Address of the notifier as people reach it, for the links in mails. Absent: mails have none'),
  linkKeys: z
    .array(SecretReference)
    .min(1)
    .max(4)
    .optional()
    .describe('32 bytes in base64 each: sign the links. The first signs, all are taken: that is how they are rotated'),
  lessons: LessonsConfig.prefault({}).describe('What holds for all lessons'),
  inbox: InboxConfig.prefault({}).describe('What people were told about their lessons'),
  quarantineKey: SecretReference.optional().describe('32 bytes in base64: encrypts quarantined bodies. Ingest needs it'),
  watch: z
    .array(z.strictObject({ service: z.enum(SERVICE_NAMES), url: z.url().describe('Its address of readiness, `…/health/ready`') }))
    .max(100)
    .default([])
    .describe('What the notifier watches'),
});
export type ConfigurationFile = z.infer<typeof ConfigurationFile>;
