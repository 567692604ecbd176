import type { Exchange } from './exchange.ts';
import { parseRetryAfter } from './retry-after.ts';

/** What one request says about the message and about its destination. */
export type Outcome =
  | { readonly kind: 'success' }
  /** The destination is well and does not want this message: it spends this learner's budget only. */
  | { readonly kind: 'client-error'; readonly retryAfterMs: number | undefined }
  /** 429: the whole destination is left alone for a while. */
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number | undefined }
  /** 410: nothing more until somebody resumes. */
  | { readonly kind: 'gone' }
  /** Counts for the circuit. With `retryAfterMs` from a 503 it holds the destination too. */
  | { readonly kind: 'breaker-failure'; readonly retryAfterMs: number | undefined; readonly holds: boolean }
  /** Our own trouble: says nothing about anybody. */
  | { readonly kind: 'not-sent' };

/**
 * The one place where an exchange gets its meaning. Redirects are not followed and count for the circuit: they are
 * about the address, so they would meet every learner.
 */
export function classify(exchange: Exchange, nowMs: number): Outcome {
  if (exchange.kind === 'not-sent') return { kind: 'not-sent' };
  if (exchange.kind === 'failed') return { kind: 'breaker-failure', retryAfterMs: undefined, holds: false };
  const { status } = exchange;
  const retryAfterMs = parseRetryAfter(exchange.retryAfter, nowMs);
  if (status >= 200 && status < 300) return { kind: 'success' };
  if (status === 410) return { kind: 'gone' };
  if (status === 429) return { kind: 'rate-limited', retryAfterMs };
  if (status >= 400 && status < 500) return { kind: 'client-error', retryAfterMs };
  return { kind: 'breaker-failure', retryAfterMs, holds: status === 503 && retryAfterMs !== undefined };
}

/** One line for lists, events and alerts. */
export function describeExchange(exchange: Exchange): string {
  switch (exchange.kind) {
    case 'answered':
      return `answered ${exchange.status}`;
    case 'failed':
      return `${exchange.failure}: ${exchange.detail}`;
    case 'not-sent':
      return `not sent: ${exchange.detail}`;
  }
}
