import { formatInstant } from '@schoolbell/time';
import type { Services } from '../acts/services.ts';
import { showAwaiting, showDeadLetters, showQuarantine, showUndelivered, when } from '../commands/look.ts';
import { block, join, oneLine, type Piece, type StyledText } from '../telegram/text.ts';
import type { Pressable } from './store.ts';

const TITLE_MAX_LENGTH = 200;
const DETAIL_MAX_LENGTH = 2_000;

/** What a problem is about: the rows behind it where another service has some, else all that its alerts say. */
export async function showProblem(services: Services, problem: Pressable): Promise<StyledText> {
  const { destination, durable, source } = problem.labels;
  switch (problem.kind) {
    case 'dead-letter':
      return showDeadLetters(services, { service: problem.service, durable });
    case 'webhook-invalid':
      return showQuarantine(services, source);
    case 'circuit-open':
    case 'destination-disabled':
    case 'destination-late':
    case 'summary-parked':
      return showUndelivered(services, destination);
    case 'lesson-overdue':
      return showAwaiting(services);
    default:
      return described(problem);
  }
}

function described({ id, kind, service, severity, state, title, detail, labels, total, firstAtMs, acknowledgedBy }: Pressable): StyledText {
  const known: Piece[] = Object.entries(labels).flatMap(([label, value]) => ['\n', { style: 'code', text: oneLine(`${label}: ${value}`, TITLE_MAX_LENGTH) } as const]);
  return join([
    { style: 'bold', text: `#${id} ${kind} · ${service} · ${severity}, ${state}` },
    '\n',
    { style: 'code', text: oneLine(title, TITLE_MAX_LENGTH) },
    '\n',
    { style: 'pre', text: block(detail, DETAIL_MAX_LENGTH) },
    `\n${total} alerts since ${when(formatInstant(firstAtMs))}`,
    ...(acknowledgedBy === null ? [] : ['\nacknowledged by ', { style: 'code', text: oneLine(acknowledgedBy, TITLE_MAX_LENGTH) } as const]),
    // A label may have any length, and there may be any number.
    ...known.slice(0, 20),
    `\ndocs/runbook/${kind}.md`,
  ]);
}
