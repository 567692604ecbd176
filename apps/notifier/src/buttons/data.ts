/** What a person can do about a problem with one press. */
export const VERBS = ['acknowledge', 'mute', 'show', 'replay', 'pause', 'resume'] as const;
export type Verb = (typeof VERBS)[number];

/** What a button means when it is pressed. */
export type Press =
  /** `episode` is the beginning of the episode that the message told of, so that an old button is known to be old. */
  | { readonly on: 'problem'; readonly verb: Verb; readonly problemId: bigint; readonly episode: number }
  /** Everything that a gathered message told of. */
  | { readonly on: 'message'; readonly verb: 'acknowledge' | 'mute'; readonly messageId: bigint }
  | { readonly on: 'confirmation'; readonly yes: boolean; readonly id: string };

const LETTER: Readonly<Record<Verb, string>> = { acknowledge: 'a', mute: 'm', show: 's', replay: 'r', pause: 'p', resume: 'u' };
const VERB = new Map(VERBS.map((verb) => [LETTER[verb], verb]));

/** At most 51 of Telegram's 64 bytes. */
export function encodePress(press: Press): string {
  switch (press.on) {
    case 'problem':
      return `p.${LETTER[press.verb]}.${press.problemId.toString(36)}.${press.episode.toString(36)}`;
    case 'message':
      return `g.${LETTER[press.verb]}.${press.messageId.toString(36)}`;
    case 'confirmation':
      return `c.${press.yes ? 'y' : 'n'}.${press.id}`;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NUMBER = /^[0-9a-z]{1,12}$/;

/** Undefined: not one of ours, or of a version that is gone. Whoever presses may have forged it: it gives no rights. */
export function decodePress(data: string): Press | undefined {
  const [on, letter = '', id = '', episode, ...rest] = data.split('.');
  if (rest.length > 0) return undefined;
  if (on === 'c') return (letter === 'y' || letter === 'n') && UUID.test(id) && episode === undefined ? { on: 'confirmation', yes: letter === 'y', id } : undefined;
  const verb = VERB.get(letter);
  if (verb === undefined || !NUMBER.test(id)) return undefined;
  if (on === 'p') return episode !== undefined && NUMBER.test(episode) ? { on: 'problem', verb, problemId: bigOf(id), episode: parseInt(episode, 36) } : undefined;
  const gathered = on === 'g' && episode === undefined && (verb === 'acknowledge' || verb === 'mute');
  return gathered ? { on: 'message', verb, messageId: bigOf(id) } : undefined;
}

/** Twelve digits in base 36 are below 2^63. */
function bigOf(text: string): bigint {
  return [...text].reduce((value, digit) => value * 36n + BigInt(parseInt(digit, 36)), 0n);
}
