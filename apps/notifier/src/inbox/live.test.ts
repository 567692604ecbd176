import { createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NoticeRow } from '../notices/store.ts';
import { data } from '../../test/happenings.ts';
import { createLive, type Outlet } from './live.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** As many as one look brings, so that the next look would follow at once. */
const NEWS = Array.from({ length: 50 }, (_, index): NoticeRow => ({
  id: String(index + 1), eventId: `e${index}`, transition: 'package.completed', readerId: 'tom', role: 'teacher', zone: 'UTC', locale: 'en',
  data: data(), createdAt: new Date(0), readAt: null, overtaken: false, mail: null,
}));

/** A live inbox of Tom, who is behind by all of them; each look asks for the news once. */
function play(send: (attempt: number) => Promise<boolean>) {
  const lines: string[] = [];
  const seen = { looks: 0, attempts: 0, ended: false };
  const quiet = Promise.withResolvers<void>();
  const query = async ({ name }: { name: string }, [, after]: readonly string[][]): Promise<unknown[]> => {
    if (name !== 'inbox_news') return [];
    seen.looks += 1;
    await turn();
    return NEWS.filter(({ id }) => BigInt(id) > BigInt(after![0]!));
  };
  const live = createLive({
    db: { query } as unknown as Database, databaseUrl: '', metrics: createMetrics('notifier'),
    log: createLogger({ service: 'notifier', level: 'warn', destination: { write: (line) => (lines.push(line), quiet.resolve()) } }),
  });
  const outlet: Outlet = {
    send: () => send(seen.attempts += 1), heartbeat: () => true, end: () => void (seen.ended = true),
  };
  onTestFinished(() => live.stop());
  live.open('tom', '0', () => outlet);
  return { live, lines, seen, told: quiet.promise };
}

/** A few turns of the loop: a look that followed at once would have been there by then. */
const turns = async (): Promise<void> => {
  for (let count = 0; count < 20; count += 1) await turn();
};

describe('a live inbox that cannot be written', () => {
  it('is ended, and not looked for again', async () => {
    const { lines, seen, told } = play(() => Promise.reject(new Error('no words')));
    await told;
    await turns();
    expect(seen).toEqual({ looks: 1, attempts: 1, ended: true });
    expect(lines.join()).toContain('could not be written');
  });

  it('for want of a database stays open, and waits for the next look', async () => {
    const outage = Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    const brought = Promise.withResolvers<void>();
    const { live, seen, told } = play(async (attempt) => {
      if (attempt === 1) throw outage;
      brought.resolve();
      return true;
    });
    await told;
    await turns();
    expect(seen).toEqual({ looks: 1, attempts: 1, ended: false });
    // Whatever wakes it: here somebody else's inbox.
    live.open('anna', '50', () => ({ send: () => Promise.resolve(true), heartbeat: () => true, end: () => undefined }));
    await brought.promise;
    await turns();
    expect(seen).toMatchObject({ attempts: 2, ended: false });
  });
});
