import { formatInstant } from '@schoolbell/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KEEP_MS } from '../src/quarantine/store.ts';
import { ACCEPTED_KEEP_MS, createRetention } from '../src/retention/jobs.ts';
import { openParts, type Parts } from './database.ts';

const DAY_MS = 86_400_000;
let parts: Parts;
beforeAll(async () => {
  parts = await openParts();
});
beforeEach(() => parts.clear());
afterAll(() => parts?.close());
const never = new AbortController().signal;

describe('retention', () => {
  it('knows accepted webhooks for 21 days, in a table of any size', async () => {
    const now = parts.clock.now();
    const fill = (prefix: string, atMs: number) =>
      parts.sql(
        `INSERT INTO accepted_webhook SELECT 'platform', $1 || i, sha256(i::text::bytea), $2::timestamptz FROM generate_series(1, 20000) AS i`,
        [prefix, formatInstant(atMs)],
      );
    await fill('old', now - ACCEPTED_KEEP_MS - 1);
    await fill('new', now - ACCEPTED_KEEP_MS + 1);
    await createRetention(parts).run(never);
    const rows = await parts.sql<{ kind: string; count: number }>(`SELECT left(webhook_id, 3) AS kind, count(*)::int AS count FROM accepted_webhook GROUP BY 1`);
    expect(rows).toEqual([{ kind: 'new', count: 20_000 }]);
  });

  it('runs once a day, whichever replica does it', async () => {
    const [one, two] = [createRetention(parts), createRetention(parts)];
    const ran = () => parts.sql<{ at: string }>(`SELECT ran_at::text AS at FROM job_run WHERE job = 'forget-accepted'`);
    await one.run(never);
    const first = await ran();
    parts.clock.advance(DAY_MS - 1);
    await two.run(never);
    expect(await ran()).toEqual(first);
    parts.clock.advance(1);
    await two.run(never);
    expect(await ran()).not.toEqual(first);
  });

  it('keeps quarantined bodies for 14 days', async () => {
    const now = parts.clock.now();
    await parts.sql(
      `INSERT INTO quarantine (id, source, webhook_id, body_sha256, reason, errors, known, key_id, body, received_at, last_seen_at, expires_at)
       SELECT gen_random_uuid(), 'platform', 'w' || i, '\\x00', 'structure', '[]', '{}', 'k', '\\x00', $1, $1, $2::timestamptz + i * interval '1 ms'
         FROM generate_series(-600, 0) AS i`,
      [formatInstant(now - KEEP_MS), formatInstant(now)],
    );
    await createRetention(parts).run(never);
    expect(await parts.sql<{ id: string }>('SELECT webhook_id AS id FROM quarantine')).toEqual([{ id: 'w0' }]);
  });
});
