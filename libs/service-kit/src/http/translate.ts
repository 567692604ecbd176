import { BatchUnavailableError } from '../batching/batcher.ts';
import { classifyDatabaseError } from '../db/classify.ts';
import { Problem } from './problem.ts';

/** Clients that come back sooner than this find the same outage. */
const RETRY_AFTER_SECONDS = '2';

type Known = readonly [status: number, code: string, title: string];

/** Fastify's own refusals. Source: fastify.dev, "Errors". */
const FRAMEWORK: Readonly<Record<string, Known>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'media-type-unsupported', 'Only application/json is taken here.'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body-too-large', 'The body is too large.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'body-not-json', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'body-not-json', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'content-length-wrong', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: [400, 'url-invalid', 'The URL is not valid.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'url-too-long', 'A part of the path is too long.'],
};

/** The one translator at the HTTP edge: whatever was thrown becomes a problem. A status of 500 is a bug to log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' ? FRAMEWORK[code] : undefined;
  if (known !== undefined) return new Problem({ status: known[0], code: known[1], title: known[2], cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new Problem({ status: statusCode, code: 'request-invalid', title: 'The request is not valid.', cause: error });
  }
  if (error instanceof BatchUnavailableError && error.code !== 'flush-failed') return overloaded(error);
  return fromDatabase(error instanceof BatchUnavailableError ? error.cause : error);
}

const overloaded = (cause: BatchUnavailableError): Problem =>
  new Problem({
    status: 503,
    code: 'overloaded',
    title: 'Too much is asked at once.',
    detail: 'Nothing was changed. Send the same request again in a few seconds.',
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
    cause,
  });

function fromDatabase(cause: unknown): Problem {
  switch (classifyDatabaseError(cause)) {
    case 'unavailable':
    case 'deadlock':
      return new Problem({
        status: 503,
        code: 'database-unavailable',
        title: 'The database does not answer.',
        detail: 'Nothing was changed, as far as is known. Send the same request again.',
        headers: { 'retry-after': RETRY_AFTER_SECONDS },
        cause,
      });
    case 'data':
      // A NUL in a parameter, a number out of range: what a schema let through and the database cannot hold.
      return new Problem({ status: 400, code: 'value-unstorable', title: 'A value cannot be stored or searched.', cause });
    case 'constraint':
    case 'bug':
      return new Problem({ status: 500, code: 'internal-error', title: 'Something went wrong here.', cause });
  }
}
