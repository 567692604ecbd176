/** The five services; each owns the Postgres schema and role of its name. */
export const SERVICE_NAMES = ['ingest', 'results', 'delivery', 'scheduling', 'notifier'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Ports on a developer's machine. In production every service listens on its own PORT. */
export const DEFAULT_PORTS: Readonly<Record<ServiceName, number>> = Object.freeze({
  ingest: 4101,
  results: 4102,
  delivery: 4103,
  scheduling: 4104,
  notifier: 4105,
});
