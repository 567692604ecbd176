import { SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import type { Services } from '../acts/services.ts';
import { page, sorry } from '../telegram/page.ts';
import { oneLine, type Piece, type StyledText } from '../telegram/text.ts';

/** An open problem as a chat names it. */
export interface OpenProblem {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly acknowledgedBy: string | null;
  readonly muted: boolean;
}

const PROBLEMS_SHOWN = 10;
const CIRCUITS_SHOWN = 10;
const DETAIL_MAX_LENGTH = 160;
const STATE_ICON = { ok: '✅', degraded: '🟠', down: '🔴' } as const;

type Status = Awaited<ReturnType<Services['status']>>;
type Destinations = Awaited<ReturnType<Services['destinations']>>;
const code = (text: string): Piece => ({ style: 'code', text: oneLine(text, DETAIL_MAX_LENGTH) || '-' });

/** Everything at one glance. `problems` is undefined while the notifier's own database does not answer. */
export async function showStatus(services: Services, openProblems: () => Promise<{ total: number; items: readonly OpenProblem[] } | undefined>): Promise<StyledText> {
  const [destinations, problems, ...statuses] = await Promise.all([services.destinations({}), openProblems(), ...SERVICE_NAMES.map((service) => services.status(service))]);
  const lines = [...SERVICE_NAMES.flatMap((service, index) => serviceLines(service, statuses[index]!)), ...circuitLines(destinations), ...problemLines(problems)];
  return page([{ style: 'bold', text: 'Status' }], lines, { more: '/health/ready of the service, GET /v1/alerts of the notifier' });
}

function serviceLines(service: ServiceName, answer: Status): Piece[][] {
  if (!answer.ok) return [sorry(answer.sentence, '🔴')];
  const { status, checks, lags, deadLetters } = answer.value;
  const waiting = lags.flatMap(({ name, waiting: count }) => (count === null ? [`${name} not known`] : count > 0 ? [`${name} ${count}`] : []));
  const letters = deadLetters === null || deadLetters === 0 ? '' : `, ${deadLetters} dead letters`;
  return [
    [`${STATE_ICON[status]} ${service}: ${status}${letters}${waiting.length === 0 ? ', nothing waits' : `, waiting: ${waiting.join(', ')}`}`],
    ...checks.filter(({ state }) => state !== 'ok').map(({ name, state, detail }): Piece[] => [`    ${name} ${state} `, code(detail ?? '')]),
  ];
}

function circuitLines(answer: Destinations): Piece[][] {
  // That delivery does not answer is said above.
  if (!answer.ok) return [];
  const { total, items } = answer.value;
  const ill = items.filter(({ state, circuit, parked }) => state !== 'active' || circuit === 'open' || parked > 0);
  const head = `Destinations: ${total - ill.length} of ${total} are well`;
  return [
    ['\n', head],
    ...ill.slice(0, CIRCUITS_SHOWN).map(({ id, state, stateReason, circuit, circuitReason, due, inFlight, parked }): Piece[] => [
      `${circuit === 'open' || state === 'disabled' ? '🔴' : '🟠'} `,
      code(id),
      ` ${state}, circuit ${circuit}, ${due + inFlight} wait, ${parked} parked `,
      code(circuit === 'open' ? circuitReason : stateReason),
    ]),
    ...(ill.length > CIRCUITS_SHOWN ? [[`… and ${ill.length - CIRCUITS_SHOWN} more that are not well`]] : []),
  ];
}

function problemLines(problems: { total: number; items: readonly OpenProblem[] } | undefined): Piece[][] {
  if (problems === undefined) return [['\nOpen problems are not known while Postgres does not answer.']];
  const { total, items } = problems;
  return [
    ['\n', total === 0 ? 'No open problems' : `${total} open problems`],
    ...items.slice(0, PROBLEMS_SHOWN).map(({ id, kind, severity, title, acknowledgedBy, muted }): Piece[] => [
      `${severity === 'critical' ? '🔴' : '🟠'} #${id} ${kind} `,
      code(title),
      acknowledgedBy === null ? '' : ' acknowledged by ',
      ...(acknowledgedBy === null ? [] : [code(acknowledgedBy)]),
      muted ? ' 🔇' : '',
    ]),
    ...(total > Math.min(items.length, PROBLEMS_SHOWN) ? [[`… and ${total - Math.min(items.length, PROBLEMS_SHOWN)} more`]] : []),
  ];
}
