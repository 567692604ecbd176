import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testConfiguration, testDatabase } from '@schoolbell/testing';
import pg from 'pg';
import { expect, it } from 'vitest';
import { rehearseNegotiation } from './play.ts';

it('shows each side the series on its own clock, and leaves nothing behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rehearsal-'));
  const configuration = testConfiguration();
  const database = await testDatabase('scheduling');
  await configuration.write(join(directory, 'schoolbell.json'));
  const shown = await rehearseNegotiation({
    adminUrl: database.adminUrl, configuration: join(directory, 'schoolbell.json'), secrets: configuration.env,
  });
  await rm(directory, { recursive: true });
  const lines = shown.split('\n');
  const rowsOf = (act: string) => lines.slice(lines.findIndex((line) => line.includes(act)) + 2).slice(0, 5);

  // Sold: Wednesdays in Berlin; New York and Berlin change their clocks on different days, Kathmandu never.
  expect(rowsOf('sells a group')).toEqual([
    '  1  scheduled    Wed 10 Mar, 14:30 (+1)    Wed 10 Mar, 08:30 (-5)    Wed 10 Mar, 19:15 (+5:45)',
    '  2  scheduled    Wed 17 Mar, 14:30 (+1)    Wed 17 Mar, 09:30 (-4)    Wed 17 Mar, 19:15 (+5:45)',
    '  3  scheduled    Wed 24 Mar, 14:30 (+1)    Wed 24 Mar, 09:30 (-4)    Wed 24 Mar, 19:15 (+5:45)',
    '  4  scheduled    Wed 31 Mar, 14:30 (+2)    Wed 31 Mar, 08:30 (-4)    Wed 31 Mar, 18:15 (+5:45)',
    '  5  scheduled    Wed 7 Apr, 14:30 (+2)     Wed 7 Apr, 08:30 (-4)     Wed 7 Apr, 18:15 (+5:45)',
  ]);
  expect(rowsOf('is detached')[0]).toContain('1  awaiting  ✗ Wed 10 Mar, 14:30 (+1)');
  expect(rowsOf('is detached')[1]).toContain('2  offered   → Fri 19 Mar, 16:00 (+1)');
  expect(rowsOf('Nothing was forgotten').map((row) => row.trim().split(/ {2,}/))).toEqual([
    ['1', 'scheduled', 'Mon 15 Mar, 17:00 (+1)', 'Mon 15 Mar, 12:00 (-4)', 'Mon 15 Mar, 21:45 (+5:45)'],
    ['2', 'scheduled', 'Fri 19 Mar, 16:00 (+1)', 'Fri 19 Mar, 11:00 (-4)', 'Fri 19 Mar, 20:45 (+5:45)'],
    ['3', 'scheduled', 'Fri 26 Mar, 16:00 (+1)', 'Fri 26 Mar, 11:00 (-4)', 'Fri 26 Mar, 20:45 (+5:45)'],
    ['4', 'scheduled', 'Fri 2 Apr, 16:00 (+2)', 'Fri 2 Apr, 10:00 (-4)', 'Fri 2 Apr, 19:45 (+5:45)'],
    ['5', 'scheduled', 'Fri 9 Apr, 16:00 (+2)', 'Fri 9 Apr, 10:00 (-4)', 'Fri 9 Apr, 19:45 (+5:45)'],
  ]);

  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { rows } = await admin.query("SELECT datname FROM pg_database WHERE datname LIKE 'schoolbell_rehearsal_%'");
  await admin.end();
  await database.drop();
  expect(rows).toEqual([]);
});
