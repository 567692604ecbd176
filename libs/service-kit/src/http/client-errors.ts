import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { Problem, PROBLEM_MEDIA_TYPE, type ProblemOptions } from './problem.ts';

/** What node:http refuses before there is a request. Source: nodejs.org, "Event: 'clientError'". */
const PARSER: Readonly<Record<string, ProblemOptions>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'headers-too-large', title: 'The headers are too large.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'body-too-large', title: 'The body is too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request-timeout', title: 'The request did not arrive in time.' },
};
const MALFORMED: ProblemOptions = { status: 400, code: 'request-malformed', title: 'This is not HTTP.' };

/** Answer what the HTTP parser refused, and close: nobody knows where the next request would begin. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  const gone = error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable;
  // A response has begun on this socket: more bytes would be taken for its body.
  if (gone || response?.headersSent) socket.destroy();
  else socket.end(rawResponse(new Problem(PARSER[error.code ?? ''] ?? MALFORMED)));
}

/** Node answers these two by itself, without a body; here they are problems too. */
export function answerOddRequests(server: Server): void {
  server.on('checkExpectation', (_request, response) => {
    const problem = new Problem({ status: 417, code: 'expectation-unknown', title: 'Only "Expect: 100-continue" is known.' });
    response.writeHead(417, { 'content-type': PROBLEM_MEDIA_TYPE, connection: 'close' }).end(JSON.stringify(problem.body));
  });
  server.on('connect', (_request, socket) => {
    const problem = new Problem({ status: 405, code: 'method-not-allowed', title: 'The method is not allowed.' });
    socket.on('error', () => socket.destroy());
    socket.end(rawResponse(problem));
  });
}

function rawResponse({ status, body }: Problem): string {
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    '',
    text,
  ].join('\r\n');
}
