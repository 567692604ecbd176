/** Why there is no complete answer. */
export type TransportFailure =
  /** The one deadline over connecting, headers and body passed. */
  | 'timeout'
  | 'address-refused'
  | 'dns'
  | 'connect'
  | 'tls'
  /** The peer ended the connection before the answer was complete. */
  | 'closed-early'
  /** What came is not HTTP, or its headers are too large. */
  | 'protocol';

/** What came of one request, without judgement. */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly durationMs: number;
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** The first bytes of the answer as text. */
      readonly answer: string;
    }
  | {
      readonly kind: 'failed';
      readonly durationMs: number;
      readonly failure: TransportFailure;
      readonly detail: string;
      /** Set when the failure came after the headers. */
      readonly status: number | undefined;
    }
  /** Nothing was written: our own trouble, or the right to send was lost. */
  | { readonly kind: 'not-sent'; readonly durationMs: number; readonly detail: string };
