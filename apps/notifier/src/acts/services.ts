import {
  deadLettersReplayRequests,
  deadLettersRequests,
  deliveryActivity,
  deliveryControl,
  deliveryDestinations,
  deliveryLearner,
  deliveryReplay,
  deliveryUndelivered,
  ingestActivity,
  ingestQuarantine,
  ingestQuarantineReplay,
  resultsLearner,
  schedulingAwaiting,
  statusRequests,
  type RequestDefinition,
  type ServiceName,
} from '@schoolbell/contracts';
import { request, RequestFailed, type Nats, type Operations } from '@schoolbell/messaging';
import { classifyDatabaseError, type Log } from '@schoolbell/service-kit';
import type { z } from 'zod';

/** What a service said, or one sentence that says why it said nothing. */
export type Answered<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly sentence: string };

type Asks<Definition extends RequestDefinition> = (payload: z.input<Definition['request']>) => Promise<Answered<z.output<Definition['reply']>>>;
type Common = { status: typeof statusRequests.ingest; letters: typeof deadLettersRequests.ingest; replay: typeof deadLettersReplayRequests.ingest };

/** The other services as the notifier asks them. Nothing here rejects or hangs: each question has its deadline. */
export interface Services {
  status(service: ServiceName): ReturnType<Asks<Common['status']>>;
  deadLetters(service: ServiceName, payload: z.input<Common['letters']['request']>): ReturnType<Asks<Common['letters']>>;
  replayDeadLetters(service: ServiceName, payload: z.input<Common['replay']['request']>): ReturnType<Asks<Common['replay']>>;
  readonly destinations: Asks<typeof deliveryDestinations>;
  readonly undelivered: Asks<typeof deliveryUndelivered>;
  readonly learnerAtDestinations: Asks<typeof deliveryLearner>;
  readonly control: Asks<typeof deliveryControl>;
  readonly replay: Asks<typeof deliveryReplay>;
  readonly delivered: Asks<typeof deliveryActivity>;
  readonly quarantine: Asks<typeof ingestQuarantine>;
  readonly replayQuarantine: Asks<typeof ingestQuarantineReplay>;
  readonly received: Asks<typeof ingestActivity>;
  readonly learnerHere: Asks<typeof resultsLearner>;
  readonly awaiting: Asks<typeof schedulingAwaiting>;
}

export function createServices({ nats, own, log }: { nats: Nats; own: Operations; log: Log }): Services {
  const ask =
    <Req extends z.ZodType, Rep extends z.ZodType>(definition: RequestDefinition<Req, Rep>) =>
    (payload: z.input<Req>): Promise<Answered<z.output<Rep>>> =>
      answered(serviceOf(definition), () => request(nats, definition, payload), log);
  // The notifier answers for itself, without NATS.
  const here = <Rep extends z.ZodType>(reply: Rep, answer: () => Promise<z.input<Rep>>): Promise<Answered<z.output<Rep>>> =>
    answered('notifier', async () => reply.parse(await answer()), log);

  return {
    status: (service) => (service === 'notifier' ? here(statusRequests.ingest.reply, () => own.status()) : ask(statusRequests[service])({})),
    deadLetters: (service, payload) =>
      service === 'notifier'
        ? here(deadLettersRequests.ingest.reply, () => own.deadLetters(deadLettersRequests.ingest.request.parse(payload)))
        : ask(deadLettersRequests[service])(payload),
    replayDeadLetters: (service, payload) =>
      service === 'notifier' ? here(deadLettersReplayRequests.ingest.reply, () => own.replayDeadLetters(payload)) : ask(deadLettersReplayRequests[service])(payload),
    destinations: ask(deliveryDestinations),
    undelivered: ask(deliveryUndelivered),
    learnerAtDestinations: ask(deliveryLearner),
    control: ask(deliveryControl),
    replay: ask(deliveryReplay),
    delivered: ask(deliveryActivity),
    quarantine: ask(ingestQuarantine),
    replayQuarantine: ask(ingestQuarantineReplay),
    received: ask(ingestActivity),
    learnerHere: ask(resultsLearner),
    awaiting: ask(schedulingAwaiting),
  };
}

const serviceOf = ({ subject }: RequestDefinition): string => subject.split('.')[1]!;

/** The one place where a failed question becomes a sentence for a chat. */
async function answered<Value>(service: string, work: () => Promise<Value>, log: Log): Promise<Answered<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    log.debug({ err: error, service }, 'a question was not answered');
    return { ok: false, sentence: sentenceOf(service, error) };
  }
}

function sentenceOf(service: string, error: unknown): string {
  if (!(error instanceof RequestFailed)) return classifyDatabaseError(error) === 'unavailable' ? `${service}: its database does not answer.` : `${service} failed, its log says why.`;
  switch (error.code) {
    case 'no-answer':
      return error.message === 'NATS is not reachable' ? `${service} cannot be asked: NATS does not answer.` : `${service} does not answer.`;
    case 'unavailable':
      return `${service} answers, but its database does not.`;
    case 'refused':
      return `${service}: ${error.message}`;
    case 'failed':
      return `${service} failed: ${error.message}.`;
  }
}
