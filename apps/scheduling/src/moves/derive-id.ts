import { createHash } from 'node:crypto';

/**
 * The id of the thread that a detached lesson goes on in: always the same for one lesson of one request, so that a
 * decision needs no source of ids and doing it twice makes no second thread. A UUID of version 8 (RFC 9562 section 5.8).
 */
export const detachedRequestId = (requestId: string, lessonId: string): string => derivedId('detached', requestId, lessonId);

/** The id of the thread of a lesson that its frozen package has kept from taking place at a start. */
export const suspendedRequestId = (lessonId: string, start: number): string => derivedId('suspended', lessonId, String(start));

/**
 * The id of the request that a release of the time-zone database opens about a lesson as it is. A release that is taken back
 * and comes again asks anew, of a lesson that has another version by then; what was rolled back asks the same again.
 */
export const databaseRequestId = (tzVersion: string, { id, version }: { id: string; version: number }): string =>
  derivedId('tz-database', tzVersion, id, String(version));

function derivedId(...parts: string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
