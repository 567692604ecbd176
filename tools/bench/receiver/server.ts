import { createServer, type Server, type Socket } from 'node:net';
import { createFrameReader } from '../http/framing.ts';
import { createMessageStore, type MessageStore } from './messages.ts';

/** How the destination behaves: takes everything; is not there; never answers; answers 500. */
export type Behaviour = 'ok' | 'refuse' | 'hang' | 'error';

const OK = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok');
const ERROR = Buffer.from('HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nbroken');

export interface ReceiverServer {
  behave(behaviour: Behaviour): Promise<void>;
  /** Forget everything. */
  reset(options: { keepAll: boolean }): void;
  readonly store: MessageStore;
  /** Requests that were not answered with a 200 since the last reset. */
  readonly failed: number;
  close(): Promise<void>;
}

export async function startReceiverServer(port: number): Promise<ReceiverServer> {
  const sockets = new Set<Socket>();
  let behaviour: Behaviour = 'ok';
  let store = createMessageStore({ keepAll: false });
  let failed = 0;
  let server: Server | undefined;

  function onConnection(socket: Socket): void {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', createFrameReader((buffer, from, { headEnd, end }) => {
      if (behaviour !== 'ok') {
        failed += 1;
        if (behaviour === 'error') socket.write(ERROR);
        return;
      }
      store.add(buffer.toString('latin1', from, headEnd), buffer.subarray(headEnd, end));
      socket.write(OK);
    }));
  }
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server = createServer(onConnection);
      server.once('error', reject);
      server.listen(port, '127.0.0.1', 1024, resolve);
    });
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      if (server === undefined) resolve();
      else server.close(() => resolve());
      server = undefined;
    });

  await listen();
  return {
    async behave(next) {
      const was = behaviour;
      behaviour = next;
      if (next === 'refuse') await close();
      else if (was === 'refuse') await listen();
    },
    reset(options) {
      store = createMessageStore(options);
      failed = 0;
    },
    get store() {
      return store;
    },
    get failed() {
      return failed;
    },
    close,
  };
}
