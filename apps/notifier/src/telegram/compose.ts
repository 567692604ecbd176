import { formatInstant } from '@schoolbell/time';
import type { Notice } from '../problems/problem.ts';
import { gather, isOver, type Story } from './gather.ts';
import { block, join, lengthOf, oneLine, type Piece, type StyledText } from './text.ts';

/** Telegram's own limit. Source: core.telegram.org/bots/api#sendmessage. */
export const MESSAGE_MAX_LENGTH = 4_096;
/** Room for the last line of a message that does not hold everything. */
const TAIL_LENGTH = 120;
const TITLE_MAX_LENGTH = 200;
const DETAIL_MAX_LENGTH = 2_000;
/** Of a gathered message: so many problems with their details, the others on one line each. */
const DETAILED_MAX = 5;
const GATHERED_DETAIL_MAX_LENGTH = 300;
const GATHERED_TITLE_MAX_LENGTH = 80;

/** A message about to be sent, and how many alerts it tells of. */
export interface Composed extends StyledText {
  readonly alerts: number;
}

/** One message of all notices, however many: its first line counts the alerts, and nothing in it is cut unsaid. */
export function compose(notices: readonly Notice[]): Composed {
  const stories = gather(notices);
  const alerts = stories.reduce((sum, { count }) => sum + count, 0);
  const [only] = stories;
  const pieces = only !== undefined && stories.length === 1 ? told(only, TITLE_MAX_LENGTH, DETAIL_MAX_LENGTH) : list(stories, alerts);
  return { ...join(pieces), alerts };
}

/** What a chat gets instead of a text that Telegram does not take. */
export function apology(alerts: number): StyledText {
  const what = alerts === 0 ? 'The answer' : counted(alerts, 'alert');
  return { text: `⚠️ ${what} could not be shown here, see /v1/alerts`, entities: [] };
}

function list(stories: readonly Story[], alerts: number): Piece[] {
  const worst = stories[0];
  const pieces: Piece[] = [{ style: 'bold', text: `${worst === undefined ? '' : `${icon(worst)} `}${counted(stories.length, 'problem')} · ${counted(alerts, 'alert')}` }];
  let length = lengthOf(pieces);
  for (const [index, story] of stories.entries()) {
    const next: Piece[] =
      index < DETAILED_MAX ? ['\n\n', ...told(story, GATHERED_TITLE_MAX_LENGTH, GATHERED_DETAIL_MAX_LENGTH)] : [index === DETAILED_MAX ? '\n\n' : '\n', ...line(story)];
    if (length + lengthOf(next) > MESSAGE_MAX_LENGTH - TAIL_LENGTH) return [...pieces, tail(stories.slice(index))];
    pieces.push(...next);
    length += lengthOf(next);
  }
  return pieces;
}

function tail(rest: readonly Story[]): Piece {
  const alerts = rest.reduce((sum, { count }) => sum + count, 0);
  return `\n\nand ${counted(rest.length, 'more problem')} with ${counted(alerts, 'alert')}, listed at /v1/alerts`;
}

function told(story: Story, titleMaxLength: number, detailMaxLength: number): Piece[] {
  return [
    { style: 'bold', text: headline(story) },
    '\n',
    { style: 'code', text: oneLine(story.title, titleMaxLength) },
    '\n',
    { style: 'pre', text: block(story.detail, detailMaxLength) },
    '\n',
    span(story),
  ];
}

function line(story: Story): Piece[] {
  return [`• ${headline(story)} · `, { style: 'code', text: oneLine(story.title, GATHERED_TITLE_MAX_LENGTH) }];
}

function headline(story: Story): string {
  const { phase, severity, kind, service, count } = story;
  const label = { first: severity, digest: `still ${severity}`, resolved: 'resolved', passed: 'came and went', escalated: `not acknowledged, ${severity}` }[phase];
  const noun = phase === 'digest' || phase === 'resolved' ? 'more alert' : 'alert';
  return `${icon(story)} ${label} · ${kind} · ${service} · ${counted(count, noun)}`;
}

function icon(story: Story): string {
  if (isOver(story)) return '✅';
  return story.severity === 'critical' ? '🔴' : '🟠';
}

function span({ phase, firstAtMs, atMs, total }: Story): string {
  const since = `${formatInstant(firstAtMs).slice(0, 19).replace('T', ' ')} UTC`;
  if (phase === 'first') return `since ${since}`;
  return `${isOver({ phase }) ? 'lasted' : 'for'} ${duration(atMs - firstAtMs)} since ${since}, ${counted(total, 'alert')} in all`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The two largest units of a duration. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
