import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Notice } from '../notices/notice.ts';
import type { Outlet } from './live.ts';
import type { NoticeView } from './view.ts';

/** Server-sent events (WHATWG HTML, section 9.2) on one response. */

/** Bytes that may wait for a reader before the stream is ended; it is resumed from the last id that arrived. */
const BUFFER_MAX_BYTES = 256 * 1024;
/** How long a browser waits before it comes again. */
const RETRY_MS = 3_000;

export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies that gather answers would hold the news back.
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const;

const message = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** `headers`: what was decided about the answer before it became a stream. */
export function createOutlet(
  response: ServerResponse, headers: OutgoingHttpHeaders, show: (notices: readonly Notice[]) => Promise<readonly NoticeView[]>,
): Outlet {
  const write = (text: string): boolean => {
    if (response.writableEnded || response.destroyed) return false;
    response.write(text);
    return response.writableLength <= BUFFER_MAX_BYTES;
  };
  response.writeHead(200, { ...headers, ...STREAM_HEADERS });
  write(`retry: ${RETRY_MS}\n\n`);
  return {
    async send(notices, unread) {
      const views = notices.length === 0 ? [] : await show(notices);
      const texts = views.map((view) => message('notice', view, view.id));
      return write([...texts, message('unread', { unread })].join(''));
    },
    heartbeat: () => write(': still here\n\n'),
    end: () => void response.end(),
  };
}
