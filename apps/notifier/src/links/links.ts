import { OPTIONAL_TOPICS, type OptionalTopic } from '../contacts/topics.ts';
import type { Notice } from '../notices/notice.ts';
import type { LinkKeys } from './keys.ts';

/**
 * Addresses of the notifier's own pages, as they stand in mails and inboxes. Nothing about them is stored: the signature binds a link
 * to one event as one person was told it, and with it to the offer, its version and its deadline.
 */
export interface Links {
  /** Undefined without a public address, about what is no request, and for managers, who decide in the platform. */
  answer(notice: Notice): string | undefined;
  unsubscribe(readerId: string, topics: readonly OptionalTopic[]): string | undefined;
}

export const ANSWER_PATH = '/a';
export const UNSUBSCRIBE_PATH = '/u';

/** What an answer link is bound to. */
function boundTo({ id, eventId, readerId, role, data }: Notice): string[] {
  const deadlines = data.lessons.map(({ answerBy = '', restorableUntil = '' }) => `${answerBy}/${restorableUntil}`);
  return ['answer', id, eventId, readerId, role, data.requestId ?? '', String(data.offer ?? ''), String(data.requestVersion ?? ''), ...deadlines];
}

const topicsOf = (topics: readonly OptionalTopic[]): string => topics.toSorted().join('+');
const base = (publicUrl: string): string => publicUrl.replace(/\/+$/, '');

export function createLinks(deps: { publicUrl: () => string | undefined; keys: LinkKeys }): Links {
  const { publicUrl, keys } = deps;
  const address = (path: string, token: () => string): string | undefined => {
    const url = publicUrl();
    return url === undefined ? undefined : `${base(url)}${path}/${token()}`;
  };
  return {
    answer: (notice) => (notice.data.requestId === undefined || notice.role === 'manager' ? undefined : address(ANSWER_PATH, () => answerToken(keys, notice))),
    unsubscribe: (readerId, topics) => address(UNSUBSCRIBE_PATH, () => unsubscribeToken(keys, readerId, topics)),
  };
}

/** `<id of the inbox item>.<signature>` */
export const answerToken = (keys: LinkKeys, notice: Notice): string => `${notice.id}.${keys.sign(boundTo(notice))}`;

/** The inbox item that a token names, not yet proven; undefined when it is no token at all. */
export const itemOfToken = (token: string): { id: string; signature: string } | undefined => {
  const match = /^(\d{1,18})\.([\w-]{43})$/.exec(token);
  return match === null ? undefined : { id: match[1]!, signature: match[2]! };
};
export const isAnswerToken = (keys: LinkKeys, notice: Notice, signature: string): boolean => keys.verify(boundTo(notice), signature);

/** `<reader>.<topics>.<signature>` */
export function unsubscribeToken(keys: LinkKeys, readerId: string, topics: readonly OptionalTopic[]): string {
  const list = topicsOf(topics);
  return `${Buffer.from(readerId).toString('base64url')}.${list}.${keys.sign(['unsubscribe', readerId, list])}`;
}

/** Whom and what a proven token unsubscribes. */
export function readUnsubscribeToken(keys: LinkKeys, token: string): { readerId: string; topics: readonly OptionalTopic[] } | undefined {
  const match = /^([\w-]{1,700})\.([a-z+-]{1,100})\.([\w-]{43})$/.exec(token);
  if (match === null) return undefined;
  const readerId = Buffer.from(match[1]!, 'base64url').toString('utf8');
  if (!keys.verify(['unsubscribe', readerId, match[2]!], match[3]!)) return undefined;
  const named = match[2]!.split('+');
  return { readerId, topics: OPTIONAL_TOPICS.filter((topic) => named.includes(topic)) };
}
