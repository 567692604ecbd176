// The path of one webhook, in the order that the answers promise: source, authentication on the raw bytes, rate,
// meaning, and only then the database. The size was checked while the body was read.
import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Outbox } from '@schoolbell/messaging';
import type { Clock } from '@schoolbell/time';
import { bindingOf } from '../quarantine/binding.ts';
import type { Cipher } from '../quarantine/cipher.ts';
import type { QuarantinedBody } from '../quarantine/store.ts';
import type { AuthenticationRefusal } from '../sources/authenticate.ts';
import type { Source } from '../sources/source.ts';
import { interpret, type InvalidBody } from './interpret.ts';
import type { AcceptedWebhook, AcceptOutcome } from './store.ts';

/** What a webhook is answered. Switched exhaustively at the HTTP edge. */
export type Answer =
  | { readonly kind: 'accepted'; readonly webhookId: string; readonly duplicate: boolean }
  | { readonly kind: 'ignored'; readonly webhookId: string }
  | { readonly kind: 'unknown-source' }
  | { readonly kind: 'unauthenticated'; readonly refusal: AuthenticationRefusal; readonly challenge: string }
  | { readonly kind: 'rate-limited' }
  | { readonly kind: 'invalid'; readonly body: InvalidBody }
  | { readonly kind: 'conflict'; readonly webhookId: string };

export interface Conflict {
  readonly source: string;
  readonly webhookId: string;
}

/** Where webhooks go. Each resolves after its commit and rejects with BatchUnavailableError. */
export interface Sinks {
  accept(webhook: AcceptedWebhook): Promise<AcceptOutcome>;
  quarantine(body: QuarantinedBody): Promise<unknown>;
  conflict(conflict: Conflict): Promise<unknown>;
}

export interface ReceiverDeps {
  readonly source: (id: string) => Source | undefined;
  readonly cipher: () => Cipher;
  readonly outbox: Pick<Outbox, 'encode'>;
  readonly sinks: Sinks;
  readonly clock: Clock;
  /** The source proved itself and is answered 202. */
  readonly heard: (source: string, nowMs: number) => void;
}

export type Receive = (sourceId: string, headers: IncomingHttpHeaders, body: Buffer) => Promise<Answer>;

// W3C Trace Context, version 00 and its successors. Anything else is not passed on.
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function createReceiver(deps: ReceiverDeps): Receive {
  const { sinks, clock, outbox } = deps;

  async function park(source: Source, body: Buffer, bodySha256: string, invalid: InvalidBody): Promise<Answer> {
    const { webhookId, reason, errors, known } = invalid;
    const key = { source: source.id, webhookId, bodySha256 };
    const cipher = deps.cipher();
    const encrypted = cipher.encrypt(body, bindingOf(key));
    await sinks.quarantine({ ...key, reason, errors, known, keyId: cipher.keyId, body: encrypted });
    return { kind: 'invalid', body: invalid };
  }

  return async (sourceId, headers, body) => {
    const source = deps.source(sourceId);
    if (source === undefined) return { kind: 'unknown-source' };
    const nowMs = clock.now();
    const verdict = source.authentication.authenticate(headers, body, nowMs);
    if (verdict !== 'verified') {
      return { kind: 'unauthenticated', refusal: verdict, challenge: source.authentication.challenge };
    }
    // After the authentication, so that a stranger cannot use up what belongs to the source.
    if (!source.rateLimit.take(nowMs)) return { kind: 'rate-limited' };

    const seen = interpret(source, body, source.eventId.fromHeaders(headers), nowMs);
    if (seen.kind === 'ignored') {
      deps.heard(source.id, nowMs);
      return { kind: 'ignored', webhookId: seen.webhookId };
    }
    const bodySha256 = hash('sha256', body, 'hex');
    if (seen.kind === 'invalid') return park(source, body, bodySha256, seen);

    const { webhookId, event } = seen;
    const traceparent = TRACEPARENT.test(headers['traceparent'] as string) ? (headers['traceparent'] as string) : undefined;
    const encoded = outbox.encode({ ...event, subject: event.data.attemptId, traceparent });
    const outcome = await sinks.accept({ source: source.id, webhookId, bodySha256, event: encoded });
    switch (outcome) {
      case 'stored':
      case 'duplicate':
        deps.heard(source.id, nowMs);
        return { kind: 'accepted', webhookId, duplicate: outcome === 'duplicate' };
      case 'conflict':
        await sinks.conflict({ source: source.id, webhookId });
        return { kind: 'conflict', webhookId };
      case 'unstorable': {
        const errors = [{ pointer: '', detail: 'the database cannot store a value of it' }];
        return park(source, body, bodySha256, { kind: 'invalid', webhookId, reason: 'unstorable', errors, known: {} });
      }
    }
  };
}
