import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire to a server, on which everything may stop without being closed: as with a host that hangs or a network that drops. */
export interface Wire {
  /** The server's URL, by way of the wire. */
  readonly url: string;
  /** From now on nothing that is connected hears or says anything. */
  hang(): void;
  /** Closes what is connected. */
  cut(): void;
  stop(): void;
}

/** To the host and port of a URL, such as that of a database. */
export async function startWire(url: string): Promise<Wire> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const wire = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const through = new URL(url);
  through.host = `127.0.0.1:${(wire.address() as AddressInfo).port}`;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: through.href,
    hang() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    stop() {
      cut();
      wire.close();
    },
  };
}
