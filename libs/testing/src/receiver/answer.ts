import type { ServerResponse } from 'node:http';

/** How a client's server answers one request, well or badly. */
export type Answer =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Take the request and never answer. */
  | { readonly kind: 'hang' }
  /** Send headers, then one byte at a time for ever. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  | { readonly kind: 'redirect'; readonly to: string }
  /** A body that does not end before so many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** Drop the connection without an answer. */
  | { readonly kind: 'reset' };

export const OK: Answer = { kind: 'status', status: 204 };
const CHUNK = Buffer.alloc(65_536, 'x');

export function giveAnswer(answer: Answer, response: ServerResponse): void {
  switch (answer.kind) {
    case 'status':
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    case 'redirect':
      response.writeHead(302, { location: answer.to }).end();
      return;
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'drip':
      drip(response, answer.everyMs);
      return;
    case 'huge':
      response.writeHead(200);
      pour(response, answer.bytes);
  }
}

function drip(response: ServerResponse, everyMs: number): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), everyMs);
  response.once('close', () => clearInterval(timer));
}

function pour(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= CHUNK.length;
      if (!response.write(CHUNK)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}
