import { Identifier, SERVICE_NAMES, Slug, type ServiceName } from '@schoolbell/contracts';
import type { Act } from '../acts/act.ts';

/** What somebody asks for. */
export type Wish =
  | { readonly kind: 'status' | 'awaiting' | 'help' }
  | { readonly kind: 'undelivered'; readonly destination?: string }
  | { readonly kind: 'deadletters'; readonly service?: ServiceName; readonly durable?: string }
  | { readonly kind: 'quarantine'; readonly source?: string }
  | { readonly kind: 'learner'; readonly learner: string }
  | { readonly kind: 'mute'; readonly problemId: bigint; readonly minutes: number }
  | { readonly kind: 'act'; readonly act: Act };

export interface Command {
  readonly name: string;
  readonly usage: string;
  /** For Telegram's own list of commands, and for /help. */
  readonly summary: string;
  /** Undefined: the arguments are none of these; the usage is shown. */
  readonly parse: (args: string) => Wish | undefined;
}

export const MUTE_MINUTES = 60;
const MUTE_MAX_MINUTES = 10_080;

const words = (args: string): string[] => args.split(/\s+/).filter((word) => word !== '');
const slug = (word: string | undefined): string | undefined => (Slug.safeParse(word).success ? word : undefined);
const serviceName = (word: string | undefined): ServiceName | undefined => SERVICE_NAMES.find((name) => name === word);

/** A command that takes one word or none. */
function optional<Value>(args: string, read: (word: string) => Value | undefined, wish: (value: Value | undefined) => Wish): Wish | undefined {
  const [word, ...rest] = words(args);
  if (rest.length > 0) return undefined;
  if (word === undefined) return wish(undefined);
  const value = read(word);
  return value === undefined ? undefined : wish(value);
}

const alone =
  (kind: 'status' | 'awaiting' | 'help') =>
  (args: string): Wish | undefined =>
    words(args).length === 0 ? { kind } : undefined;

function control(kind: 'pause' | 'resume') {
  return (args: string): Wish | undefined => {
    const [word, ...rest] = words(args);
    const destination = slug(word);
    if (destination === undefined || rest.length > 0) return undefined;
    return { kind: 'act', act: destination === 'all' ? { kind } : { kind, destination } };
  };
}

function replay(args: string): Wish | undefined {
  const [what, first, second, ...rest] = words(args);
  if (what === 'quarantine') {
    const source = slug(first);
    if (source === undefined || second !== undefined) return undefined;
    return { kind: 'act', act: source === 'all' ? { kind: 'replay-quarantine' } : { kind: 'replay-quarantine', source } };
  }
  if (what === 'deadletters') {
    const service = serviceName(first);
    return service === undefined || second !== undefined ? undefined : { kind: 'act', act: { kind: 'replay-dead-letters', service } };
  }
  const destination = slug(first);
  if (what !== 'destination' || destination === undefined || rest.length > 0) return undefined;
  const state = second ?? 'parked';
  return state === 'parked' || state === 'undelivered' || state === 'all' ? { kind: 'act', act: { kind: 'replay', destination, state } } : undefined;
}

function mute(args: string): Wish | undefined {
  const [id = '', time = String(MUTE_MINUTES), ...rest] = words(args);
  if (rest.length > 0 || !/^#?\d{1,18}$/.test(id) || !/^\d{1,5}$/.test(time) || Number(time) > MUTE_MAX_MINUTES) return undefined;
  return { kind: 'mute', problemId: BigInt(id.replace('#', '')), minutes: Number(time) };
}

function learner(args: string): Wish | undefined {
  // An id may have blanks inside.
  const id = Identifier.safeParse(args.trim());
  return id.success ? { kind: 'learner', learner: id.data } : undefined;
}

/** All commands, in the order of /help. */
export const COMMANDS: readonly Command[] = Object.freeze([
  { name: 'status', usage: '/status', summary: 'Services, lags, circuits, open problems', parse: alone('status') },
  {
    name: 'undelivered',
    usage: '/undelivered [destination]',
    summary: 'What is wanted and not delivered',
    parse: (args) => optional(args, slug, (destination) => ({ kind: 'undelivered', ...(destination !== undefined && { destination }) })),
  },
  {
    name: 'deadletters',
    usage: `/deadletters [${SERVICE_NAMES.join(' | ')}]`,
    summary: 'Events that could not be handled',
    parse: (args) => optional(args, serviceName, (service) => ({ kind: 'deadletters', ...(service !== undefined && { service }) })),
  },
  {
    name: 'quarantine',
    usage: '/quarantine [source]',
    summary: 'Webhooks that are no valid events',
    parse: (args) => optional(args, slug, (source) => ({ kind: 'quarantine', ...(source !== undefined && { source }) })),
  },
  {
    name: 'replay',
    usage: '/replay destination ID [parked | undelivered | all]\n/replay deadletters SERVICE\n/replay quarantine SOURCE | all',
    summary: 'Send, handle or judge again; asks first',
    parse: replay,
  },
  { name: 'pause', usage: '/pause DESTINATION | all', summary: 'Send nothing there; asks first', parse: control('pause') },
  { name: 'resume', usage: '/resume DESTINATION | all', summary: 'Send again', parse: control('resume') },
  { name: 'awaiting', usage: '/awaiting', summary: 'Lessons that await a new time, with their next action', parse: alone('awaiting') },
  { name: 'learner', usage: '/learner ID', summary: 'Revision here, and the one last confirmed at each destination', parse: learner },
  { name: 'mute', usage: '/mute NUMBER [minutes, 0 unmutes]', summary: 'Tell nothing of a problem but its end', parse: mute },
  { name: 'help', usage: '/help', summary: 'This list', parse: alone('help') },
]);
