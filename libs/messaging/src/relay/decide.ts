/** What Postgres says a stream was promised. */
export interface PromisedStream {
  readonly epoch: string;
  readonly lastSeq: number;
}

/** What the server shows. `epoch` is undefined for a stream that is not of our making. */
export type ObservedStream = { readonly exists: false } | { readonly exists: true; readonly epoch: string | undefined; readonly lastSeq: number };

export type StreamVerdict =
  /** All as promised. */
  | { readonly kind: 'intact' }
  /** The server has more than the record: an acknowledgement was lost. Adopt its sequence and publish again. */
  | { readonly kind: 'ahead'; readonly lastSeq: number }
  /** Acknowledged messages are gone. After any loss a durable can stand beyond the end, so every loss is a full one. */
  | { readonly kind: 'lost'; readonly reason: 'missing' | 'other-epoch' | 'shorter' };

export function judgeStream(promised: PromisedStream, observed: ObservedStream): StreamVerdict {
  if (!observed.exists) return { kind: 'lost', reason: 'missing' };
  if (observed.epoch !== promised.epoch) return { kind: 'lost', reason: 'other-epoch' };
  if (observed.lastSeq < promised.lastSeq) return { kind: 'lost', reason: 'shorter' };
  if (observed.lastSeq > promised.lastSeq) return { kind: 'ahead', lastSeq: observed.lastSeq };
  return { kind: 'intact' };
}

/** A durable as the server shows it; undefined when it does not exist. */
export type ObservedDurable = { readonly ackFloor: number } | undefined;

/**
 * Up to where every named durable has confirmed. It only rises, and only when all durables exist: a durable that
 * was deleted has confirmed nothing that could be relied on.
 */
export function nextFloor(current: number, lastSeq: number, durables: readonly ObservedDurable[]): number {
  let lowest = lastSeq;
  for (const durable of durables) {
    if (durable === undefined) return current;
    lowest = Math.min(lowest, durable.ackFloor);
  }
  return Math.max(current, lowest);
}
