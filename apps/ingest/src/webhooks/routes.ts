import { PlatformWebhook, ProblemDetails, WebhookAccepted } from '@schoolbell/contracts';
import { BatchUnavailableError, Problem, PROBLEM_MEDIA_TYPE, type HttpServer } from '@schoolbell/service-kit';
import type { FastifyError } from 'fastify';
import { NO_SOURCE } from '../alarms/alarms.ts';
import type { Refusals } from '../alarms/refusals.ts';
import type { WebhookMetrics } from './metrics.ts';
import { mediaTypeProblem, notStoredProblem, toProblem } from './problems.ts';
import type { Answer, Receive } from './receive.ts';

export interface WebhookRoutesDeps {
  readonly receive: Receive;
  readonly isSource: (id: string) => boolean;
  readonly refusals: Pick<Refusals, 'record'>;
  readonly metrics: Pick<WebhookMetrics, 'answered'>;
}

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';
/** JSON in another coat, such as application/cloudevents+json. */
const JSON_FLAVOURED = /^application\/[\w.!#$&^-]+\+json(?:\s*;|\s*$)/i;

const problem = (description: string) => ({ description, content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemDetails } } });

const schema = {
  tags: ['webhooks'],
  summary: 'Take a webhook of a source',
  description:
    'Signed as Standard Webhooks unless the source declares another authentication. 202 means that it is committed. ' +
    'The body below is the canonical one; a source with a transform sends its own.',
  body: PlatformWebhook,
  response: {
    202: WebhookAccepted,
    400: problem('The body is not JSON; it is quarantined.'),
    401: problem('Signature or credentials missing, malformed, stale or wrong.'),
    404: problem('There is no such source.'),
    409: problem('The id was accepted before with another body.'),
    413: problem('The body is larger than 256 KiB.'),
    415: problem('Not JSON by its content type, or encoded.'),
    422: problem('Authentic, but not a valid event: `errors` names the places. It is quarantined.'),
    429: problem('Faster than the source may send; see Retry-After.'),
    503: problem('It cannot be committed now; send it again, see Retry-After.'),
  },
};

export function webhookRoutes(app: HttpServer, deps: WebhookRoutesDeps): void {
  const { receive, refusals, metrics } = deps;

  const countRefusal = (sourceId: string, error: unknown): void => {
    const { code } = (error ?? {}) as FastifyError;
    const kind = code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? 'too-large' : isMediaType(error) ? 'media-type' : undefined;
    if (kind === undefined) return;
    const source = deps.isSource(sourceId) ? sourceId : NO_SOURCE;
    refusals.record(source, kind);
    metrics.answered(source, kind);
  };

  const refuse = (sourceId: string, answer: Exclude<Answer, { kind: 'accepted' } | { kind: 'ignored' }>): Problem => {
    const source = answer.kind === 'unknown-source' ? NO_SOURCE : sourceId;
    if (answer.kind === 'unauthenticated') refusals.record(source, answer.refusal);
    else if (answer.kind === 'unknown-source' || answer.kind === 'rate-limited') refusals.record(source, answer.kind);
    const refused = toProblem(answer);
    metrics.answered(source, refused.code);
    return refused;
  };

  // A scope of its own: here bodies stay bytes, because the signature is over bytes.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    for (const type of ['application/json', JSON_FLAVOURED]) {
      scope.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
        const encoding = request.headers['content-encoding'];
        if (encoding === undefined || encoding === 'identity') done(null, body);
        else done(mediaTypeProblem());
      });
    }

    scope.post<{ Params: { source: string } }>(
      '/v1/webhooks/:source',
      {
        config: { access: 'own' },
        schema,
        // The schema is the documentation; what is valid is decided after the authentication.
        validatorCompiler: () => () => true,
        errorHandler(error, request) {
          countRefusal(request.params.source, error);
          throw error;
        },
      },
      async (request, reply) => {
        const { source } = request.params;
        const body: unknown = request.body;
        if (!Buffer.isBuffer(body)) throw mediaTypeProblem();
        const answer = await take(source, request.raw.headers, body);
        reply.code(202).header('content-type', JSON_MEDIA_TYPE);
        // Two fields, written by hand: a schema would check and copy them for every webhook.
        return reply.send(`{"id":${JSON.stringify(answer.webhookId)},"duplicate":${answer.duplicate}}` as never);
      },
    );
  });

  async function take(source: string, headers: Parameters<Receive>[1], body: Buffer): Promise<{ webhookId: string; duplicate: boolean }> {
    try {
      const answer = await receive(source, headers, body);
      if (answer.kind === 'accepted') {
        metrics.answered(source, answer.duplicate ? 'duplicate' : 'accepted');
        return answer;
      }
      if (answer.kind === 'ignored') {
        metrics.answered(source, 'ignored');
        return { webhookId: answer.webhookId, duplicate: false };
      }
      throw refuse(source, answer);
    } catch (error) {
      if (!(error instanceof BatchUnavailableError)) throw error;
      metrics.answered(source, error.code);
      throw notStoredProblem(error);
    }
  }
}

function isMediaType(error: unknown): boolean {
  return (error as FastifyError).code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || (error instanceof Problem && error.status === 415);
}
