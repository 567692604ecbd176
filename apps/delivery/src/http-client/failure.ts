import type { TransportFailure } from './exchange.ts';
import { printable } from './printable.ts';

const DETAIL_MAX_LENGTH = 300;

/** Ours, not the destination's: it is never charged to it. */
const OWN = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOMEM', 'ENOBUFS', 'UND_ERR_INVALID_ARG', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);
const BY_CODE: Readonly<Record<string, TransportFailure>> = {
  'address-refused': 'address-refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ENODATA: 'dns',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EHOSTDOWN: 'connect',
  EACCES: 'connect',
  EPERM: 'connect',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'closed-early',
  EPIPE: 'closed-early',
  UND_ERR_SOCKET: 'closed-early',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol',
};

/** What an error of undici, TLS, DNS or the socket means; 'own' when the destination has no part in it. */
export function describeFailure(error: unknown): { failure: TransportFailure | 'own'; detail: string } {
  const { code, name: kind, message, errors } = error as { code?: unknown; name?: string; message?: string; errors?: unknown };
  // All addresses of a name failed: the first says it.
  if (Array.isArray(errors) && errors.length > 0) return describeFailure(errors[0]);
  const name = typeof code === 'string' ? code : '';
  const detail = printable(`${name} ${message ?? String(error)}`.trim(), DETAIL_MAX_LENGTH);
  if (OWN.has(name)) return { failure: 'own', detail };
  if (kind === 'HTTPParserError') return { failure: 'protocol', detail };
  return { failure: BY_CODE[name] ?? bySpelling(name), detail };
}

function bySpelling(name: string): TransportFailure {
  if (/^(ERR_(TLS|SSL|OSSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$|ERR_INVALID_PROTOCOL$)/.test(name)) return 'tls';
  return 'connect';
}
