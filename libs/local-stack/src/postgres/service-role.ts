import { createHmac } from 'node:crypto';
import type { ServiceName } from '@schoolbell/contracts';

/**
 * The password of a service's role, derived from the administrator's address: whoever may administer the server can
 * tell it, nobody has to store it, and a test run on the same server sets no other than a start does.
 */
export function servicePassword(adminUrl: string, service: ServiceName): string {
  const { username, password } = new URL(adminUrl);
  return createHmac('sha256', `${username}:${password}`).update(`schoolbell role ${service}`).digest('base64url');
}

/** Where a service connects: its own role, in the given database of the administrator's server. */
export function serviceDatabaseUrl(adminUrl: string, service: ServiceName, database: string): string {
  const url = new URL(adminUrl);
  url.username = service;
  url.password = servicePassword(adminUrl, service);
  url.pathname = `/${database}`;
  return url.toString();
}

/** The administrator's address with another database. */
export function onDatabase(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.toString();
}
