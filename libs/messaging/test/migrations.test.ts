import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@schoolbell/contracts';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

const MIGRATIONS = { '0001_messaging': 'messaging.sql', '0020_publication': 'publication.sql' };

describe.each(SERVICE_NAMES)('%s has the messaging tables of this library, to the byte', (service) => {
  it.each(Object.entries(MIGRATIONS))('%s', async (folder, file) => {
    const [own, ours] = await Promise.all(
      [join('apps', service, 'prisma', 'migrations', folder, 'migration.sql'), join('libs', 'messaging', 'sql', file)].map((path) => readFile(join(root, path), 'utf8')),
    );
    expect(own).toBe(ours);
  });
});
