import { DEFAULT_PORTS, SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';

/** The services have 4101 to 4105. */
export const DEFAULT_PORT_BASE = 4100;

/** Every port of a start, in one place. */
export interface Ports {
  readonly services: Readonly<Record<ServiceName, number>>;
  readonly client: number;
  readonly nats: number;
  readonly postgres: number;
}

export function portsFrom(base: number): Ports {
  const shifted = SERVICE_NAMES.map((name) => [name, DEFAULT_PORTS[name] - DEFAULT_PORT_BASE + base]);
  return {
    services: Object.fromEntries(shifted) as Record<ServiceName, number>,
    client: base + 9,
    nats: base + 22,
    postgres: base + 32,
  };
}
