// A source that declares how long it may be silent is missed when it is silent for longer. What each replica heard is
// written every few seconds, so that replicas share it and a restart does not forget it.
import type { Database } from '@schoolbell/service-kit';
import { formatInstant, parseInstant, type Clock } from '@schoolbell/time';
import type { Alarms, Notice } from './alarms.ts';

/** After a start the senders' retries may still be on their way: nobody is called silent before this has passed. */
export const START_GRACE_MS = 10 * 60_000;

export interface Watched {
  readonly id: string;
  readonly silentAfterMs: number | undefined;
}

const remember = {
  name: 'ingest_source_heard',
  text: `
    INSERT INTO source_state AS known (source, heard_at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
    ON CONFLICT (source) DO UPDATE SET heard_at = greatest(known.heard_at, excluded.heard_at)`,
};
// A source that is new to the configuration has its whole time from now on.
const introduce = {
  name: 'ingest_source_introduce',
  text: 'INSERT INTO source_state (source, heard_at) SELECT unnest($1::text[]), $2::timestamptz ON CONFLICT DO NOTHING',
};
const read = {
  name: 'ingest_source_read',
  text: `SELECT source, to_char(heard_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "heardAt" FROM source_state`,
};
const forget = { name: 'ingest_source_forget', text: 'DELETE FROM source_state WHERE NOT source = ANY ($1::text[])' };

/** Who has been silent for too long. Pure. */
export function silentSources(watched: readonly Watched[], heardAtMs: ReadonlyMap<string, number>, nowMs: number): string[] {
  return watched
    .filter(({ id, silentAfterMs }) => {
      const heardMs = heardAtMs.get(id);
      return silentAfterMs !== undefined && heardMs !== undefined && nowMs - heardMs > silentAfterMs;
    })
    .map(({ id }) => id);
}

/** Who had the time to come again since the start of this replica. The others may be silent, and are not told of. Pure. */
export function pastGrace(watched: readonly Watched[], startedAtMs: number, nowMs: number): Set<string> {
  const past = watched.filter(({ silentAfterMs = START_GRACE_MS }) => nowMs - startedAtMs > Math.min(START_GRACE_MS, silentAfterMs));
  return new Set(past.map(({ id }) => id));
}

export interface Silence {
  /** The source proved itself and was answered 202. Hot path: one map write. */
  heard(source: string, nowMs: number): void;
  look(): Promise<void>;
}

export function createSilence(deps: {
  db: Database;
  alarms: Alarms;
  clock: Clock;
  sources: () => readonly Watched[];
}): Silence {
  const { db, alarms, clock } = deps;
  const startedAtMs = clock.now();
  const heard = new Map<string, number>();
  return {
    heard: (source, nowMs) => void heard.set(source, nowMs),
    async look() {
      const nowMs = clock.now();
      const sources = [...deps.sources()].sort((a, b) => (a.id < b.id ? -1 : 1));
      const ids = sources.map(({ id }) => id);
      await db.transaction(async (tx) => {
        const spoke = ids.filter((id) => heard.has(id));
        await tx.query(remember, [spoke, spoke.map((id) => formatInstant(heard.get(id)!))]);
        await tx.query(introduce, [ids, formatInstant(nowMs)]);
        await tx.query(forget, [ids]);
        const rows = await tx.query<{ source: string; heardAt: string }>(read, []);
        const heardAtMs = new Map(rows.map(({ source, heardAt }) => [source, parseInstant(heardAt)]));
        const silent = silentSources(sources, heardAtMs, nowMs);
        const telling = pastGrace(sources, startedAtMs, nowMs);
        await alarms.notice(tx, silent.filter((id) => telling.has(id)).map((id) => toNotice(id, heardAtMs.get(id)!)), nowMs);
        // Without the grace: a replica that starts must not end what another one has told.
        await alarms.resolveOthers(tx, 'source-silent', silent);
      });
    },
  };
}

function toNotice(source: string, heardMs: number): Notice {
  return {
    kind: 'source-silent',
    source,
    title: `No webhooks from ${source}`,
    detail: `Nothing was accepted since ${formatInstant(heardMs)}; the source declares that it is never silent for so long.`,
    times: 0,
  };
}
