import { HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, parseSecret, sign } from '@schoolbell/standard-webhooks';
import type { PlannedWebhook } from '../workload/index.ts';

/** Whole signed requests, one behind the other in one buffer: nothing is left to compute while measuring. */
export interface SignedRequests {
  readonly count: number;
  /** The bytes of one request. */
  at(index: number): Buffer;
}

export function signRequests(
  webhooks: readonly PlannedWebhook[],
  { url, secret, nowMs }: { url: string; secret: string; nowMs: number },
): SignedRequests {
  const { host, pathname } = new URL(url);
  const keys = [parseSecret(secret)];
  const timestampSeconds = Math.floor(nowMs / 1000);
  const requests = webhooks.map(({ id, body }) => {
    const signature = sign(keys, { id, timestampSeconds, body });
    const head = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `${HEADER_ID}: ${id}`,
      `${HEADER_TIMESTAMP}: ${timestampSeconds}`,
      `${HEADER_SIGNATURE}: ${signature}`,
    ];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
  return oneBehindTheOther(requests);
}

/** A request by somebody with a bearer token. */
export interface PlannedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token: string;
  readonly body?: string;
}

/** The bytes of a request. */
export function writeRequest({ method, path, token, body }: PlannedRequest, host: string): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, `host: ${host}`, `authorization: Bearer ${token}`];
  if (body !== undefined) head.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

export const writeRequests = (requests: readonly PlannedRequest[], url: string): SignedRequests =>
  oneBehindTheOther(requests.map((request) => writeRequest(request, new URL(url).host)));

function oneBehindTheOther(requests: readonly Buffer[]): SignedRequests {
  const ends = new Uint32Array(requests.length + 1);
  requests.forEach((request, index) => (ends[index + 1] = ends[index]! + request.length));
  const bytes = Buffer.concat(requests);
  return { count: requests.length, at: (index) => bytes.subarray(ends[index]!, ends[index + 1]!) };
}
