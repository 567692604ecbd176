import type { IncomingHttpHeaders } from 'node:http';
import { HEADER_ID, WEBHOOK_ID_MAX_LENGTH } from '@schoolbell/standard-webhooks';
import { lookUp, parsePointer } from './pointer.ts';
import type { SourceEntry } from './source.ts';

/** Reads the source's own event id, from a header or from the parsed body. Undefined: there is none, or none usable. */
export interface EventIdReader {
  /** For people: where the id is expected. */
  readonly place: string;
  /** A JSON pointer when the id stands in the body. */
  readonly pointer: string | undefined;
  fromHeaders(headers: IncomingHttpHeaders): string | undefined;
  fromBody(json: unknown): string | undefined;
}

// Printable ASCII without space and without "@" (ids are pseudonymous). Wider than the id of Standard Webhooks, because
// a platform that cannot be changed may number its events `order:123` or `2026/17`, and nothing is signed over them.
const EVENT_ID = new RegExp(`^[\\x21-\\x3f\\x41-\\x7e]{1,${WEBHOOK_ID_MAX_LENGTH}}$`);

export function createEventIdReader(location: SourceEntry['eventId']): EventIdReader {
  if ('pointer' in location) {
    const tokens = parsePointer(location.pointer);
    return {
      place: location.pointer,
      pointer: location.pointer,
      fromHeaders: () => undefined,
      fromBody: (json) => usable(lookUp(json, tokens)),
    };
  }
  const header = location.header.toLowerCase();
  return {
    place: `header ${header}`,
    pointer: undefined,
    fromHeaders: header === HEADER_ID ? (headers) => usable(headers[HEADER_ID]) : (headers) => usable(headers[header]),
    fromBody: () => undefined,
  };
}

function usable(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && EVENT_ID.test(text) ? text : undefined;
}
