import { Envelope, type EventDefinition } from '@schoolbell/contracts';
import type { z } from 'zod';

/** An event that a consumer can handle: envelope and data are checked. */
export interface ReceivedEvent<Definition extends EventDefinition = EventDefinition> {
  readonly id: string;
  readonly type: Definition['type'];
  /** When it happened, by its producer's clock: RFC 3339 in UTC. */
  readonly time: string;
  readonly data: z.output<Definition['data']>;
  readonly traceparent?: string | undefined;
}

/** Why an event cannot be handled. `code` is for machines and the fingerprint, `detail` for the admin. */
export interface Unreadable {
  readonly code: 'not-json' | 'not-an-event' | 'unknown-type' | 'wrong-data';
  readonly detail: string;
  readonly id: string | undefined;
  readonly type: string | undefined;
}

export type Parsed = { readonly ok: true; readonly event: ReceivedEvent } | { readonly ok: false; readonly unreadable: Unreadable };

const DETAIL_MAX_LENGTH = 1_000;

/** Reads one event; whatever else comes is told apart, never thrown. */
export function createParser(accepts: readonly EventDefinition[]): (text: string) => Parsed {
  const read = createReader(accepts);
  return (text) => read(encoder.encode(text))[0]!.parsed;
}

/** One event of a message: what it says, and its bytes for the admin when it cannot be handled. */
export interface ReadEvent {
  readonly parsed: Parsed;
  bytes(): Uint8Array;
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/**
 * Reads the one event or the batch of events of a message, of the accepted definitions; whatever else comes is told
 * apart, never thrown.
 */
export function createReader(accepts: readonly EventDefinition[]): (message: Uint8Array) => readonly ReadEvent[] {
  const judge = createJudge(accepts);
  return (message) => {
    const bytes = () => message;
    let json: unknown;
    try {
      json = JSON.parse(decoder.decode(message));
    } catch (error) {
      return [{ parsed: unreadable('not-json', String(error)), bytes }];
    }
    // An empty batch is told to the admin too: whoever sends it is mistaken.
    if (!Array.isArray(json) || json.length === 0) return [{ parsed: judge(json), bytes }];
    return json.map((event: unknown) => ({ parsed: judge(event), bytes: () => encoder.encode(JSON.stringify(event)) }));
  };
}

function createJudge(accepts: readonly EventDefinition[]): (json: unknown) => Parsed {
  const byType = new Map(accepts.map((definition) => [definition.type, definition]));
  return (json) => {
    const envelope = Envelope.safeParse(json);
    if (!envelope.success) return unreadable('not-an-event', envelope.error.message);
    const { id, type, time, traceparent } = envelope.data;
    const definition = byType.get(type);
    if (definition === undefined) {
      return unreadable('unknown-type', `"${type}" is not one of ${[...byType.keys()].join(', ')}`, id, type);
    }
    const data = definition.data.safeParse(envelope.data.data);
    if (!data.success) return unreadable('wrong-data', data.error.message, id, type);
    return { ok: true, event: { id, type, time, data: data.data, traceparent } };
  };
}

function unreadable(code: Unreadable['code'], detail: string, id?: string, type?: string): Parsed {
  return { ok: false, unreadable: { code, detail: detail.slice(0, DETAIL_MAX_LENGTH), id, type } };
}
