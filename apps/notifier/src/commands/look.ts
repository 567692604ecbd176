import { SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import type { Answered, Services } from '../acts/services.ts';
import { page, sorry } from '../telegram/page.ts';
import { join, oneLine, type Piece, type StyledText } from '../telegram/text.ts';

const LINES = 40;
const NAME_MAX_LENGTH = 128;
const DETAIL_MAX_LENGTH = 160;

const name = (text: string): Piece => ({ style: 'code', text: oneLine(text, NAME_MAX_LENGTH) || '-' });
const detail = (text: string): Piece => ({ style: 'code', text: oneLine(text, DETAIL_MAX_LENGTH) || '-' });
const bold = (text: string): Piece => ({ style: 'bold', text });
/** To the minute, as people read it. */
export const when = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

/** What a service said, or its sentence why it said nothing. */
function shown<Value>(answer: Answered<Value>, view: (value: Value) => StyledText): StyledText {
  return answer.ok ? view(answer.value) : join(sorry(answer.sentence));
}

export async function showUndelivered(services: Services, destination?: string): Promise<StyledText> {
  const answer = await services.undelivered({ ...(destination !== undefined && { destinationId: destination }), limit: LINES });
  return shown(answer, ({ total, items }) => {
    if (total === 0) return join(['✅ Everything is delivered', ...(destination === undefined ? [] : [' to ', name(destination)]), '.']);
    const lines = items.map(({ destinationId, kind, key, state, wantedRevision, sentRevision, attempts, lastFailure }): Piece[] => [
      `${ICON[state]} `,
      name(destinationId),
      ' ',
      name(kind === 'summary' ? key : `${kind} ${key}`),
      ` revision ${wantedRevision}, has ${sentRevision === 0 ? 'none' : sentRevision}, ${attempts} tries `,
      ...(lastFailure === null ? [] : [detail(lastFailure)]),
    ]);
    return page([bold(`${total} undelivered`)], lines, { total, more: 'GET /v1/undelivered of delivery' });
  });
}

const ICON = { due: '⏳', leased: '📤', parked: '🅿️', delivered: '✅' } as const;

export async function showDeadLetters(services: Services, of: { service?: ServiceName | undefined; durable?: string | undefined }): Promise<StyledText> {
  const asked = of.service === undefined ? SERVICE_NAMES : [of.service];
  const answers = await Promise.all(
    asked.map(async (service) => ({ service, answer: await services.deadLetters(service, { ...(of.durable !== undefined && { durable: of.durable }), limit: LINES }) })),
  );
  const silent = answers.flatMap(({ answer }) => (answer.ok ? [] : [answer.sentence]));
  const found = answers.flatMap(({ service, answer }) => (answer.ok ? [{ service, ...answer.value }] : []));
  const total = found.reduce((sum, one) => sum + one.total, 0);
  const lines = found.flatMap(({ service, items }) =>
    items.map(({ durable, code, detail: why, createdAt }): Piece[] => [`• ${service} ${when(createdAt)} `, name(durable), ' ', name(code), ' ', detail(why)]),
  );
  const head: Piece[] = [bold(total === 0 && silent.length === 0 ? '✅ No dead letters' : `${total} dead letters`), ...silent.flatMap((sentence) => ['\n', ...sorry(sentence)])];
  return page(head, lines, { total, more: 'GET /v1/dead-letters of the service; /replay deadletters SERVICE' });
}

export async function showQuarantine(services: Services, source?: string): Promise<StyledText> {
  const answer = await services.quarantine({ ...(source !== undefined && { source }), limit: LINES });
  return shown(answer, ({ total, items }) => {
    if (total === 0) return join(['✅ Nothing is in quarantine.']);
    const lines = items.map((entry): Piece[] => [`• ${when(entry.receivedAt)} `, name(entry.source), ' ', name(entry.reason), ` ×${entry.times} `, detail(entry.fault)]);
    return page([bold(`${total} in quarantine`)], lines, { total, more: 'GET /v1/quarantine of ingest; /replay quarantine SOURCE' });
  });
}

export async function showAwaiting(services: Services): Promise<StyledText> {
  const answer = await services.awaiting({ limit: LINES });
  return shown(answer, ({ totals, items }) => {
    const total = totals.offered + totals.awaiting + totals.lapsed;
    if (total === 0) return join(['✅ No lesson awaits a new time.']);
    const lines = items.map(({ lessonId, packageKind, status, start, next }): Piece[] => [`• ${status}, ${packageKind}, was ${when(start)}; ${next.kind} at ${when(next.at)} `, name(lessonId)]);
    const head = `${total} lessons await a new time: ${totals.offered} offered, ${totals.awaiting} awaiting, ${totals.lapsed} lapsed`;
    return page([bold(head)], lines, { total, more: 'GET /v1/awaiting of scheduling' });
  });
}

/** Two services know half of it each: one that is away takes away its half only. */
export async function showLearner(services: Services, learnerId: string): Promise<StyledText> {
  const [here, there] = await Promise.all([services.learnerHere({ learnerId }), services.learnerAtDestinations({ learnerId })]);
  const known: Piece[][] = here.ok
    ? here.value.items.map((one) => ['📚 results, ', name(one.organizationId), `: revision ${one.revision}, ${one.testsPassed} of ${one.testsCompleted} tests passed, since ${when(one.updatedAt)}`])
    : [sorry(here.sentence)];
  const confirmed: Piece[][] = there.ok
    ? there.value.items.map((one) => [
        `${ICON[one.state]} `,
        name(one.destinationId),
        one.confirmedRevision === 0 ? ': nothing confirmed yet' : `: confirmed revision ${one.confirmedRevision}${one.confirmedAt === null ? '' : ` at ${when(one.confirmedAt)}`}`,
        one.confirmedRevision >= one.wantedRevision ? ', up to date' : `, wants ${one.wantedRevision}, ${one.state}`,
      ])
    : [sorry(there.sentence)];
  const lines = [...(known.length === 0 ? [['📚 results knows nothing of this learner']] : known), ...(confirmed.length === 0 ? [['No destination was ever told of this learner']] : confirmed)];
  return page(['Learner ', name(learnerId)], lines, { more: 'GET /v1/destinations/ID/learners/LEARNER of delivery' });
}
