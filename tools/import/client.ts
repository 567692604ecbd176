import { backoffMs, systemRandom, waitMs } from '@schoolbell/time';
import { ImportError } from './error.ts';

const TRY_TIMEOUT_MS = 30_000;
/** About two minutes of trying before somebody has to look. */
const TRIES_MAX = 20;
const BACKOFF = { baseMs: 250, maxMs: 10_000 };

/** POST a JSON text to an operating endpoint: patient with a service that is away, plain about everything else. */
export async function post<T>(target: { url: string; token: string }, path: string, json: string): Promise<T> {
  let last = '';
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    try {
      const answer = await fetch(`${target.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${target.token}` },
        body: json,
        signal: AbortSignal.timeout(TRY_TIMEOUT_MS),
      });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text) as T;
      if (answer.status < 500 && answer.status !== 429) throw new ImportError('refused', `${target.url}${path} answered ${answer.status}: ${describe(text)}`);
      last = `answered ${answer.status}: ${describe(text)}`;
    } catch (error) {
      if (error instanceof ImportError) throw error;
      last = error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);
    }
    await waitMs(backoffMs(attempt, BACKOFF, systemRandom));
  }
  throw new ImportError('unreachable', `${target.url} does not take the lines (${last}). Look at the service, then run the same command: it goes on where it was.`);
}

function describe(text: string): string {
  try {
    const { title, detail } = JSON.parse(text) as { title?: string; detail?: string };
    return [title, detail].filter(Boolean).join(' ');
  } catch {
    return text.slice(0, 200);
  }
}
