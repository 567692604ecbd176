import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpServer } from './server.ts';

const SWEEP_EVERY_MS = 20;

/**
 * A closing server lets go of whoever asks nothing: of connections that are kept for a next request, and of those that
 * were opened ahead of a first one, as browsers, load balancers and clients with pools do. node:http counts the latter
 * as busy and would wait for them until they go.
 */
export function letGoOfIdleConnections(app: HttpServer): void {
  const silent = openedAhead(app.server);
  let sweep: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    sweep = setInterval(() => {
      app.server.closeIdleConnections();
      for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
    }, SWEEP_EVERY_MS);
  });
  app.addHook('onClose', async () => clearInterval(sweep));
}

/** Connections that have not asked anything yet. */
function openedAhead(server: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return silent;
}
