import type { Button, Keyboard } from '../telegram/keyboard.ts';
import { oneLine } from '../telegram/text.ts';
import { encodePress, type Verb } from './data.ts';
import type { Pressable } from './store.ts';
import { verbsOf } from './table.ts';

const LABELS: Readonly<Record<Verb, string>> = {
  acknowledge: '✋ Acknowledge',
  mute: '🔇 Mute 1 h',
  show: '🔎 Show',
  replay: '🔁 Replay',
  pause: '⏸ Pause destination',
  resume: '▶️ Resume destination',
};
const ROW_MAX = 3;
const NAME_MAX_LENGTH = 40;

/** Buttons of one problem as it stands: what was done already is not offered again, and what is over needs nothing. */
export function problemKeyboard(problem: Pressable, nowMs: number): Keyboard {
  if (problem.state === 'resolved') return [];
  const { id: problemId, firstAtMs: episode, acknowledgedBy, mutedUntilMs } = problem;
  const done = new Set<Verb>([...(acknowledgedBy === null ? [] : ['acknowledge' as const]), ...((mutedUntilMs ?? 0) > nowMs ? ['mute' as const] : [])]);
  const verbs = verbsOf(problem).filter((verb) => !done.has(verb));
  return rows(verbs.map((verb) => ({ text: verb === 'show' ? showLabel(acknowledgedBy) : LABELS[verb], data: encodePress({ on: 'problem', verb, problemId, episode }) })));
}

/** Buttons of a message that tells of many problems: for all of them at once. */
export function messageKeyboard(messageId: bigint, problems: readonly Pressable[], nowMs: number): Keyboard {
  const firing = problems.filter(({ state }) => state === 'firing');
  const [only] = firing;
  if (only !== undefined && firing.length === 1) return problemKeyboard(only, nowMs);
  const verbs: ('acknowledge' | 'mute')[] = [];
  if (firing.some(({ acknowledgedBy }) => acknowledgedBy === null)) verbs.push('acknowledge');
  if (firing.some(({ mutedUntilMs }) => (mutedUntilMs ?? 0) <= nowMs)) verbs.push('mute');
  return rows(verbs.map((verb) => ({ text: `${LABELS[verb]}: all ${firing.length}`, data: encodePress({ on: 'message', verb, messageId }) })));
}

/** Under the question of a dangerous act. */
export function confirmationKeyboard(id: string): Keyboard {
  return [[{ text: '✅ Yes, do it', data: encodePress({ on: 'confirmation', yes: true, id }) }, { text: '✖️ No', data: encodePress({ on: 'confirmation', yes: false, id }) }]];
}

/** Everybody in the chat sees who has it, not only who pressed. */
function showLabel(acknowledgedBy: string | null): string {
  return acknowledgedBy === null ? LABELS.show : `${LABELS.show} · ✋ ${oneLine(acknowledgedBy, NAME_MAX_LENGTH)}`;
}

function rows(buttons: readonly Button[]): Keyboard {
  return Array.from({ length: Math.ceil(buttons.length / ROW_MAX) }, (_, row) => buttons.slice(row * ROW_MAX, (row + 1) * ROW_MAX));
}
