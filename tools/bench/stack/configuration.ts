import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationFile, DEFAULT_PORTS, SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import { JWT_SECRET } from '../school/names.ts';
import { DESTINATION_ID, DESTINATION_SECRET, ORGANIZATION_ID, SOURCE_ID, WEBHOOK_SECRET } from './names.ts';

/** Secrets stand in the environment, as in production. */
export const SECRETS: Readonly<Record<string, string>> = Object.freeze({
  BENCH_WEBHOOK_SECRET: WEBHOOK_SECRET,
  BENCH_DESTINATION_SECRET: DESTINATION_SECRET,
  BENCH_QUARANTINE_KEY: Buffer.alloc(32, 'quarantine of the bench').toString('base64'),
  SCHEDULING_JWT_SECRET: JWT_SECRET,
});

/**
 * Limits at bench values: the destination's rate and concurrency are not what is measured. All else is as a school
 * would have it, the notifier's watch over all services included.
 */
export function writeConfiguration(folder: string, destinationUrl: string, ports: Readonly<Record<ServiceName, number>> = DEFAULT_PORTS): string {
  const configuration = ConfigurationFile.parse({
    organizations: [{ id: ORGANIZATION_ID }],
    sources: [
      {
        id: SOURCE_ID,
        organizations: [ORGANIZATION_ID],
        authentication: { scheme: 'standard-webhooks', secrets: [{ env: 'BENCH_WEBHOOK_SECRET' }] },
        ratePerSecond: 100_000,
      },
    ],
    destinations: [
      {
        id: DESTINATION_ID,
        organizationId: ORGANIZATION_ID,
        url: destinationUrl,
        secrets: [{ env: 'BENCH_DESTINATION_SECRET' }],
        allowPrivateNetwork: true,
        ratePerSecond: 10_000,
        concurrency: 64,
        timeoutMs: 2000,
      },
    ],
    quarantineKey: { env: 'BENCH_QUARANTINE_KEY' },
    watch: SERVICE_NAMES.map((service) => ({ service, url: `http://127.0.0.1:${ports[service]}/health/ready` })),
  });
  const path = join(folder, 'schoolbell.json');
  writeFileSync(path, JSON.stringify(configuration, null, 2));
  return path;
}
