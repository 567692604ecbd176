import type pg from 'pg';

/** What a checkpoint leaves behind of `max_wal_size` = 2 GB, in segments of 16 MB. */
const SEGMENTS = 64;

/** Settings of the server that keep what `ageLog` makes. */
export const AGED_LOG_SETTINGS = Object.freeze({ min_wal_size: '2GB' });

/**
 * Give the server the write-ahead log of one that has run for a while. Such a server renames segments that it does not need
 * any more; a new one fills each of its first ones with 16 MB of zeros, and nobody commits meanwhile: at 1,500 webhooks a
 * second 80 to 100 ms every two seconds.
 */
export async function ageLog(admin: pg.Pool): Promise<void> {
  await admin.query(`SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal() FROM generate_series(1, ${SEGMENTS})`);
  await admin.query('CHECKPOINT');
}
