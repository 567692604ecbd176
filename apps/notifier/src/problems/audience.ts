import type { Notice } from './problem.ts';

/** Who is told: everybody at once, and those who hear only what nobody has acknowledged, in their order. */
export interface Audience {
  readonly chats: readonly string[];
  readonly escalation: readonly string[];
}

/** Chats of a notice. An escalation goes to the newest chat in the line; an end to all who knew of the episode. */
export function audienceOf({ phase, escalations }: Pick<Notice, 'phase' | 'escalations'>, { chats, escalation }: Audience): readonly string[] {
  if (phase === 'escalated') return escalation.slice(escalations - 1, escalations);
  return phase === 'resolved' ? [...chats, ...escalation.slice(0, escalations)] : chats;
}

/** Notices by chat, each in the order given. */
export function byChat(notices: readonly Notice[], audience: Audience): Map<string, Notice[]> {
  const result = new Map<string, Notice[]>();
  for (const notice of notices) {
    for (const chat of audienceOf(notice, audience)) {
      const own = result.get(chat);
      if (own === undefined) result.set(chat, [notice]);
      else own.push(notice);
    }
  }
  return result;
}
