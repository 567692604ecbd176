import { deadLettersReplayRequests, deadLettersRequests, statusRequests, type AnsweringService } from '@schoolbell/contracts';
import type { Log } from '@schoolbell/service-kit';
import type { Nats } from '../nats/connection.ts';
import { serve } from '../nats/request-reply.ts';
import type { Operations } from './operations.ts';

/** What every service answers to the notifier. Returns how to stop. */
export function serveOperations(deps: { service: AnsweringService; nats: Nats; operations: Operations; log: Log }): () => void {
  const { service, operations } = deps;
  const stops = [
    serve(deps, statusRequests[service], () => operations.status()),
    serve(deps, deadLettersRequests[service], (wish) => operations.deadLetters(wish)),
    serve(deps, deadLettersReplayRequests[service], (wish) => operations.replayDeadLetters(wish)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
