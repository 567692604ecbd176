import type { z } from 'zod';
import { SERVICE_NAMES, type ServiceName } from '../services.ts';

/** A question or command between services over NATS request-reply. */
export interface RequestDefinition<Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType> {
  /** `request.<service that answers>.<what is asked>` */
  readonly subject: string;
  readonly request: Request;
  /** Lists in it are bounded: an answer fits into one message. */
  readonly reply: Reply;
  /** Whoever asks waits so long, and so long may whoever answers work on it. */
  readonly timeoutMs: number;
  readonly description: string;
}

/** Somebody waits in a chat: better no answer than a late one. */
export const QUESTION_TIMEOUT_MS = 3_000;
export const COMMAND_TIMEOUT_MS = 5_000;

/** Services that answer requests. The notifier asks; nobody asks it. */
export type AnsweringService = Exclude<ServiceName, 'notifier'>;
export const ANSWERING_SERVICES: readonly AnsweringService[] = Object.freeze(SERVICE_NAMES.filter((service) => service !== 'notifier'));

export const defineRequest = <Request extends z.ZodType, Reply extends z.ZodType>(
  definition: RequestDefinition<Request, Reply>,
): RequestDefinition<Request, Reply> => Object.freeze(definition);

/** The same question to each of the services. */
export const ofEachService = <Definition extends RequestDefinition>(
  make: (service: AnsweringService) => Definition,
): Readonly<Record<AnsweringService, Definition>> =>
  Object.freeze(Object.fromEntries(ANSWERING_SERVICES.map((service) => [service, make(service)]))) as Record<AnsweringService, Definition>;
