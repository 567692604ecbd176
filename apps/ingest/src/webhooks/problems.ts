// The one place where answers become HTTP. Every refusal says what is wrong and the way out, and never repeats the body.
import { Problem, type BatchUnavailableError } from '@schoolbell/service-kit';
import type { AuthenticationRefusal } from '../sources/authenticate.ts';
import type { InvalidBody } from './interpret.ts';
import type { Answer } from './receive.ts';

/** A bucket is full again after a second. */
const RATE_RETRY_AFTER_SECONDS = '1';
const STORE_RETRY_AFTER_SECONDS = '2';

type Refused = Exclude<Answer, { kind: 'accepted' } | { kind: 'ignored' }>;

export function toProblem(answer: Refused): Problem {
  switch (answer.kind) {
    case 'unknown-source':
      return new Problem({
        status: 404,
        code: 'source-unknown',
        title: 'There is no such source.',
        detail: 'The last part of the path is the id of a source in the configuration.',
      });
    case 'unauthenticated':
      return unauthenticated(answer.refusal, answer.challenge);
    case 'rate-limited':
      return new Problem({
        status: 429,
        code: 'rate-limited',
        title: 'Too many webhooks at once.',
        detail: 'Send the same webhook again later; the limit is ratePerSecond of the source.',
        headers: { 'retry-after': RATE_RETRY_AFTER_SECONDS },
      });
    case 'conflict':
      return new Problem({
        status: 409,
        code: 'webhook-conflict',
        title: 'This webhook id was accepted before with another body.',
        detail: 'Nothing was changed. A correction is a new event with an id of its own.',
        extensions: { id: answer.webhookId },
      });
    case 'invalid':
      return invalid(answer.body);
  }
}

function invalid({ webhookId, reason, errors }: InvalidBody): Problem {
  const kept = 'It is kept for 14 days and can be taken in after a fix; a corrected body may use the same id.';
  if (reason === 'not-json') {
    return new Problem({ status: 400, code: 'body-not-json', title: 'The body is not JSON.', detail: `${errors[0]!.detail} ${kept}` });
  }
  return new Problem({
    status: 422,
    code: reason === 'structure' ? 'webhook-invalid' : `webhook-invalid-${reason}`,
    title: 'The webhook is authentic but not a valid event.',
    detail: kept,
    errors,
    extensions: { id: webhookId },
  });
}

const HINTS: Record<AuthenticationRefusal, string> = {
  'missing-header': 'A header that the authentication needs is missing.',
  'malformed-id': 'webhook-id has 1 to 64 characters of A-Z a-z 0-9 _ -.',
  'malformed-timestamp': 'webhook-timestamp is the time of sending in whole seconds since the epoch, digits only.',
  'timestamp-too-old': 'webhook-timestamp is more than 5 minutes old: sign every attempt anew.',
  'timestamp-too-new': 'webhook-timestamp is more than 5 minutes ahead: look at the clocks.',
  'malformed-signature': 'The signature is not written as its scheme says.',
  'no-matching-signature': 'No active secret of the source made this signature over these bytes.',
  'malformed-credentials': 'The header authorization is not written as its scheme says.',
  'wrong-credentials': 'The credentials are not those of the source.',
};

function unauthenticated(refusal: AuthenticationRefusal, challenge: string): Problem {
  return new Problem({
    status: 401,
    code: refusal,
    title: 'The request does not prove that it comes from the source.',
    detail: HINTS[refusal],
    headers: { 'www-authenticate': challenge },
  });
}

export function mediaTypeProblem(): Problem {
  return new Problem({
    status: 415,
    code: 'media-type-unsupported',
    title: 'Only JSON is taken here.',
    detail: 'Send content-type application/json and no content-encoding.',
  });
}

/** Nothing is lost that was answered 202; this one was not, so the sender has to come again. */
export function notStoredProblem(cause: BatchUnavailableError): Problem {
  return new Problem({
    status: 503,
    code: 'not-stored',
    title: 'The webhook cannot be stored now.',
    detail: 'Send the same webhook again; should it have been stored after all, the answer says duplicate.',
    headers: { 'retry-after': STORE_RETRY_AFTER_SECONDS },
    cause,
  });
}
