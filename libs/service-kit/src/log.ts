import { pino, type DestinationStream, type Logger } from 'pino';

/** A pino logger. Constant message, everything that varies in fields: `log.warn({ err, stream }, 'publish refused')`. */
export type Log = Logger;

/** Fields that may carry a secret, at the top or one level down; they are written as `[redacted]`. */
const SECRET_FIELDS = ['authorization', 'password', 'secret', 'secrets', 'token', 'cookie', 'webhook-signature'];
const REDACTED_PATHS = SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]);
/** `postgresql://role:password@host` inside a message of a driver. */
const URL_CREDENTIALS = /(\w+:\/\/[^\s:/@]+):[^\s@/]+@/g;

export interface LogOptions {
  readonly service: string;
  /** pino level: fatal, error, warn, info, debug, trace, silent. */
  readonly level: string;
  /** Where lines go. Default: standard output. */
  readonly destination?: DestinationStream;
}

/** One JSON line per entry on standard output, UTC time, `service` in each line, secrets redacted. */
export function createLogger({ service, level, destination }: LogOptions): Log {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    serializers: { err: (error: unknown) => serializeError(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const MAX_CAUSES = 5;

/** Only named fields: a driver's error carries the values of the row that failed. */
function serializeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { code, statement, cause } = error as { code?: unknown; statement?: unknown; cause?: unknown };
  const clean = (text: string | undefined): string | undefined => text?.replace(URL_CREDENTIALS, '$1:[redacted]@');
  return {
    type: error.name,
    message: clean(error.message),
    code,
    statement,
    stack: clean(error.stack),
    ...(cause === undefined || depth === MAX_CAUSES ? {} : { cause: serializeError(cause, depth + 1) }),
  };
}
