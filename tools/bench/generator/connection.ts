import { connect, type Socket } from 'node:net';
import { createFrameReader } from '../http/framing.ts';

/** A keep-alive connection that has one request at a time in flight. */
export interface Connection {
  send(request: Buffer): void;
  close(): void;
}

/** `HTTP/1.1 202`: where the digits of the status stand. */
const STATUS_AT = 9;

/** `onAnswer` gets the status of each answer and its body, or 0 once when the connection breaks. */
export type OnAnswer = (connection: Connection, status: number, body: () => string) => void;

/** Connect to the host of the address. */
export function openConnection(url: string, onAnswer: OnAnswer): Promise<Connection> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let closed = false;
    const connection: Connection = {
      send: (request) => void socket.write(request),
      close() {
        closed = true;
        socket.destroy();
      },
    };
    const read = createFrameReader((buffer, from, { headEnd, end }) =>
      onAnswer(connection, Number(buffer.toString('latin1', from + STATUS_AT, from + STATUS_AT + 3)), () => buffer.toString('utf8', headEnd, end)));
    socket.on('data', read);
    socket.once('connect', () => resolve(connection));
    socket.once('error', reject);
    socket.on('close', () => {
      if (closed) return;
      closed = true;
      onAnswer(connection, 0, () => '');
    });
  });
}
