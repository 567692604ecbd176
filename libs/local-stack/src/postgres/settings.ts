/** On, whatever else is set: acknowledged means kept, in tests and benchmarks too. */
const DURABLE = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' } as const;

const DEFAULTS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
} as const;

/** Command line arguments of the server. */
export function serverSettings(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries({ ...DEFAULTS, ...settings, ...DURABLE }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
