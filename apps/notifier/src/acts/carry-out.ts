import { oneLine, type Piece } from '../telegram/text.ts';
import type { Act } from './act.ts';
import type { Answered, Services } from './services.ts';

/** An act before anybody has agreed to it. */
export interface Preview {
  readonly question: readonly Piece[];
  /** There is nothing that it would do something to. */
  readonly empty: boolean;
}

const NAME_MAX_LENGTH = 128;
const named = (name: string): Piece => ({ style: 'code', text: oneLine(name, NAME_MAX_LENGTH) });
/** Key of a question that writes nothing. */
const NO_KEY = '00000000-0000-4000-8000-000000000000';

/** What an act would do: asked as a dry run, so that the question has a number in it. */
export async function preview(services: Services, act: Act, by: string): Promise<Answered<Preview>> {
  switch (act.kind) {
    case 'pause':
    case 'resume':
      return previewControl(services, act);
    case 'replay': {
      const { destination, state, learner } = act;
      const counted = await services.replay({ destinationId: destination, state, ...(learner !== undefined && { learnerId: learner }), dryRun: true, by, key: NO_KEY });
      return asked(counted, ({ matched }) => matched, ({ matched }) => [`Send ${matched} ${state === 'all' ? '' : `${state} `}messages to `, named(destination), ' again?']);
    }
    case 'replay-dead-letters': {
      const { service, durable } = act;
      const counted = await services.replayDeadLetters(service, { ...(durable !== undefined && { durable }), dryRun: true, by });
      return asked(counted, ({ matching }) => matching, ({ matching }) => [`Handle ${matching} dead letters of `, named(durable ?? service), ' again?']);
    }
    case 'replay-quarantine': {
      const { source } = act;
      const counted = await services.replayQuarantine({ ...(source !== undefined && { source }), dryRun: true, by });
      return asked(counted, ({ matching }) => matching, ({ matching, outcomes }) => [
        `Judge ${matching} quarantined webhooks of `,
        source === undefined ? 'all sources' : named(source),
        ` again? ${outcomes['replayed'] ?? 0} of those looked at would be taken in now.`,
      ]);
    }
  }
}

async function previewControl(services: Services, { kind, destination }: Extract<Act, { kind: 'pause' | 'resume' }>): Promise<Answered<Preview>> {
  const verb = kind === 'pause' ? 'Pause' : 'Resume';
  if (destination === undefined) {
    const all = await services.destinations({});
    return asked(all, ({ total }) => total, ({ total }) => [`${verb} all ${total} destinations?`]);
  }
  const waiting = await services.undelivered({ destinationId: destination, limit: 1 });
  return asked(waiting, () => 1, ({ total }) => [`${verb} `, named(destination), `? ${total} messages wait there now.`]);
}

function asked<Value>(answer: Answered<Value>, count: (value: Value) => number, question: (value: Value) => Piece[]): Answered<Preview> {
  if (!answer.ok) return answer;
  return { ok: true, value: { question: question(answer.value), empty: count(answer.value) === 0 } };
}

/** Does it. Done twice under one key it is done once. Answers with what to say about it. */
export async function carryOut(services: Services, act: Act, { by, key }: { by: string; key: string }): Promise<Answered<readonly Piece[]>> {
  switch (act.kind) {
    case 'pause':
    case 'resume': {
      const { destination } = act;
      const done = await services.control({ ...(destination !== undefined && { destinationId: destination }), action: act.kind, by });
      return said(done, ({ changed }) => [`${act.kind === 'pause' ? 'Paused' : 'Resumed'}: `, destination === undefined ? `${changed} destinations` : named(destination), '.']);
    }
    case 'replay': {
      const { destination, state, learner } = act;
      const done = await services.replay({ destinationId: destination, state, ...(learner !== undefined && { learnerId: learner }), dryRun: false, by, key });
      return said(done, ({ matched }) => [`${matched} messages are sent again to `, named(destination), ', at its rate. GET /v1/replays of delivery shows how far it is.']);
    }
    case 'replay-dead-letters': {
      const { service, durable } = act;
      const done = await services.replayDeadLetters(service, { ...(durable !== undefined && { durable }), dryRun: false, by });
      return said(done, ({ replayed, refused, left }) => [
        `Dead letters of `,
        named(durable ?? service),
        `: ${replayed} handled, ${refused} still refused${left > 0 ? `, ${left} not looked at yet: ask again` : ''}.`,
      ]);
    }
    case 'replay-quarantine': {
      const { source } = act;
      const done = await services.replayQuarantine({ ...(source !== undefined && { source }), dryRun: false, by });
      return said(done, ({ outcomes, left }) => {
        const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
        return [`Quarantine of `, source === undefined ? 'all sources' : named(source), `: ${counts.join(', ') || 'nothing to do'}${left > 0 ? `, ${left} not looked at yet: ask again` : ''}.`];
      });
    }
  }
}

function said<Value>(answer: Answered<Value>, text: (value: Value) => Piece[]): Answered<readonly Piece[]> {
  return answer.ok ? { ok: true, value: text(answer.value) } : answer;
}
