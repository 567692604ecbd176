import { randomUUID } from 'node:crypto';
import type { StreamDefinition } from '@schoolbell/contracts';
import type { Log } from '@schoolbell/service-kit';
import { waitMs } from '@schoolbell/time';
import { PACK_EVENTS_MAX, packRows } from '../events/packs.ts';
import type { NatsSession } from '../nats/connection.ts';
import { judgeStream, nextFloor, type PromisedStream } from './decide.ts';
import type { Ledger, LedgerSession, PendingMessage, PublishedMark } from './ledger.ts';
import { createPublishPipeline, type PipelineAnswer } from './pipeline.ts';
import { makeStream, observeDurables, observeStream, purgeStream } from './server-stream.ts';

/** Events of one round: published in a pipeline, marked by one statement. */
export const PUBLISH_BATCH_MAX = 512;
const PUBLISH_TIMEOUT_MS = 2_000;
/**
 * A round costs a system call and a wake-up on either side, however much is in it. Under load one begins so long after the one
 * before, unless a whole message waits; what comes alone waits for nothing. Ingest without consumers took a sixth less
 * CPU for a webhook at full load, and NATS a third; with the whole chain rounds are far apart by themselves.
 */
const BUSY_ROUND_EVERY_MS = 4;
const BUSY_ROUND_ROWS = 8;
/**
 * Marks of one statement, gathered for so long. A leader that dies before has them published again: the stream refuses
 * them, and so does everybody who has had them.
 */
const MARKS_MAX = 1_024;
const MARKS_GATHER_MS = 20;
/** Rows that wait in memory, some 4 MB; beyond it they wait in the ledger alone. */
const OFFERED_MAX = 4_096;
/**
 * Rounds in a row in which the server refused everything although the stream looks as promised: its files are gone
 * under it, or cannot be written any more. Then the stream is made anew. A full one is not: it would only be filled again.
 */
const FRUITLESS_ROUNDS_MAX = 8;

/** The publications of the epoch may be ahead of the state, which is written now and then. */
const loadState = {
  name: 'stream_state_load',
  text: `SELECT epoch::text AS epoch, floor::float8 AS floor, greatest(last_seq,
           (SELECT max(seq) FROM publication AS p WHERE p.stream = s.stream AND p.epoch = s.epoch))::float8 AS last_seq
         FROM stream_state AS s WHERE stream = $1`,
};
const startEpoch = {
  name: 'stream_state_start_epoch',
  text: `INSERT INTO stream_state (stream, epoch, last_seq, floor) VALUES ($1, $2, 0, 0)
         ON CONFLICT (stream) DO UPDATE SET epoch = excluded.epoch, last_seq = 0, floor = 0, updated_at = now()`,
};
const saveState = { name: 'stream_state_save', text: 'UPDATE stream_state SET last_seq = $3, floor = $4, updated_at = now() WHERE stream = $1 AND epoch = $2' };
const begin = { name: 'relay_begin', text: 'BEGIN' };
const durable = { name: 'relay_durable', text: 'SET LOCAL synchronous_commit = on' };
const commit = { name: 'relay_commit', text: 'COMMIT' };

/** `behind`: what was offered is published, and more was offered than could wait here. */
export type PublishRound = 'idle' | 'more' | 'behind' | 'broken';

/** One stream under one leader: what it was promised, publishing, and repair after a loss. */
export interface StreamRelay {
  /**
   * Compare the promise with the server, and repair: then everything pending must be looked for. Needed at the start, after a
   * reconnect and after a refusal.
   */
  inspect(): Promise<'as-promised' | 'repaired'>;
  /**
   * Rows that were committed just now, by this process: they need not be looked up. Whatever becomes of them here, a
   * later look finds what is not published; when there are too many `publish` asks for it.
   */
  offer(rows: readonly PendingMessage[]): void;
  /** Offer what the ledger finds, and say how much: as much as a batch, and there may be more. May run beside `publish`. */
  look(): Promise<number>;
  /** Publish one round of what was offered. `behind` asks for a look, `broken` asks for an inspection and a look before the next one. */
  publish(): Promise<PublishRound>;
  /**
   * Whether a round since the last question was accepted whole. Its expectations of the last sequence prove what an
   * inspection would look for.
   */
  takeProof(): boolean;
  /** Learn what the durables have confirmed, and forget what nobody will ask for. May run beside `publish`. */
  confirm(): Promise<void>;
  backlog(): Promise<number>;
  /** Resolves when the last marks are written, or cannot be. */
  close(): Promise<void>;
}

export function createStreamRelay(deps: {
  leader: LedgerSession;
  nats: NatsSession;
  stream: StreamDefinition;
  ledger: Ledger;
  log: Log;
  published: (count: number) => void;
  /** Called in the transaction of the repair. Must ask the leader at once, before it awaits anything. */
  tellLoss: (leader: LedgerSession, reason: string) => Promise<unknown>;
}): StreamRelay {
  const { leader, nats, stream, ledger, log } = deps;
  const pipeline = createPublishPipeline(nats.connection, PUBLISH_TIMEOUT_MS);
  let promised: PromisedStream | undefined;
  let floor = 0;
  let fruitlessRounds = 0;
  /** The server had no room for the last round. */
  let full = false;
  /** An epoch whose stream could not be made yet: that loss is told already. */
  let unmade: string | undefined;
  let proven = false;
  /** Before this nothing but a whole message begins the next round. Monotonic milliseconds. */
  let nextRoundAtMs = 0;
  /** Offered and not published yet, in the order of their commits. */
  let offered = new Map<number, PendingMessage>();
  /** Not all that was offered could wait. */
  let overflowed = false;
  /** On their way: a row may be looked up before its own process has offered it. */
  let inFlight: ReadonlySet<number> = new Set();
  let gathering: NodeJS.Timeout | undefined;
  /** The last one: the connection carries them out in order. */
  let writing: Promise<void> | undefined;
  let unwritten: unknown;

  const write = (): void => {
    clearTimeout(gathering);
    gathering = undefined;
    if (ledger.noted() > 0) writing = ledger.write(leader).catch((error: unknown) => void (unwritten = error));
  };
  /** Nothing waits for marks: what is noted is known already. */
  const note = (epoch: string, marks: readonly PublishedMark[]): void => {
    ledger.note(epoch, marks);
    gathering ??= setTimeout(write, MARKS_GATHER_MS);
  };
  /** @throws what became of the marks before. What they were about is pending again. */
  const judgeMarks = (): void => {
    const error = unwritten;
    unwritten = undefined;
    if (error !== undefined) throw error;
  };
  const written = async (): Promise<void> => {
    write();
    await writing;
    judgeMarks();
  };

  const offer = (rows: readonly PendingMessage[]): void => {
    for (const row of rows) {
      if (offered.size >= OFFERED_MAX) return void (overflowed = true);
      if (!inFlight.has(row.id) && !ledger.isPublished(row.id)) offered.set(row.id, row);
    }
  };

  const take = (): PendingMessage[] => {
    const all = [...offered.values()];
    const rows = all.slice(0, PUBLISH_BATCH_MAX);
    offered = new Map(all.slice(PUBLISH_BATCH_MAX).map((row) => [row.id, row]));
    return rows;
  };

  const next = (): PublishRound => {
    if (offered.size > 0) return 'more';
    if (!overflowed) return 'idle';
    overflowed = false;
    return 'behind';
  };

  const load = async (): Promise<void> => {
    const [row] = await leader.query<{ epoch: string; last_seq: number; floor: number }>(loadState, [stream.name]);
    if (row === undefined) return;
    // The memory of this leader may be ahead of the record, whose marks are committed lazily.
    const known = promised?.epoch === row.epoch ? promised.lastSeq : 0;
    promised = { epoch: row.epoch, lastSeq: Math.max(known, row.last_seq) };
    floor = Math.max(floor, row.floor);
  };

  const save = async (): Promise<void> => {
    if (promised !== undefined) await leader.query(saveState, [stream.name, promised.epoch, promised.lastSeq, floor]);
  };

  /** In Postgres first, then in the server: a crash in between is found by the next inspection. */
  const recreate = async (reason: string, exists: boolean): Promise<'repaired'> => {
    const epoch = randomUUID();
    const former = promised;
    const isNews = former !== undefined && former.epoch !== unmade;
    // Asked in one turn: the connection carries it out in order, and what other streams ask of it stays outside. After a
    // failure the COMMIT is a ROLLBACK.
    const [, , requeued] = await Promise.all([
      leader.query(begin, []),
      leader.query(durable, []),
      former === undefined ? 0 : ledger.requeue(leader, former.epoch, floor),
      leader.query(startEpoch, [stream.name, epoch]),
      isNews ? deps.tellLoss(leader, reason) : undefined,
      leader.query(commit, []),
    ]);
    promised = { epoch, lastSeq: 0 };
    floor = 0;
    fruitlessRounds = 0;
    unmade = epoch;
    await makeStream(nats, stream, { epoch, exists });
    unmade = undefined;
    if (former === undefined) log.info({ stream: stream.name }, 'stream created');
    else log.error({ stream: stream.name, reason, requeued }, 'stream lost its messages, publishing again what is not confirmed');
    return 'repaired';
  };

  const confirm = async (): Promise<void> => {
    if (promised === undefined) return;
    const { epoch } = promised;
    const observed = await observeStream(nats, stream.name);
    if (!observed.exists || observed.epoch !== epoch) return;
    const durables = await observeDurables(nats, stream);
    // The stream may have been made anew while the server was asked.
    if (promised.epoch !== epoch) return;
    floor = nextFloor(floor, promised.lastSeq, durables);
    await Promise.all([save(), ledger.tidy(leader, epoch, floor)]);
  };

  /** What everybody has confirmed is kept for its 14 days only as long as there is room for what nobody has yet. */
  const makeRoom = async (): Promise<void> => {
    await confirm();
    if (floor > 0) await purgeStream(nats, stream.name, floor);
    full = false;
  };

  return {
    async inspect() {
      // Before a loss is judged: what is written down after it would count as published in a stream that is gone.
      write();
      await load();
      const observed = await observeStream(nats, stream.name);
      if (promised === undefined) return recreate('missing', observed.exists);
      const verdict = judgeStream(promised, observed);
      if (verdict.kind === 'lost') return recreate(verdict.reason, observed.exists);
      if (fruitlessRounds >= FRUITLESS_ROUNDS_MAX) return recreate('refuses everything', observed.exists);
      if (verdict.kind === 'ahead') {
        log.warn({ stream: stream.name, promised: promised.lastSeq, lastSeq: verdict.lastSeq }, 'stream is ahead, an acknowledgement was lost');
        promised = { ...promised, lastSeq: verdict.lastSeq };
        await save();
      }
      if (full) await makeRoom();
      return 'as-promised';
    },
    offer,
    async look() {
      // Carried out before it on the same connection: a complete look finds what is not marked.
      write();
      const rows = await ledger.pending(leader, PUBLISH_BATCH_MAX);
      offer(rows);
      return rows.length;
    },
    async publish() {
      if (promised === undefined) return 'broken';
      if (ledger.noted() >= MARKS_MAX) await written();
      else judgeMarks();
      const restMs = nextRoundAtMs - performance.now();
      if (restMs > 0 && offered.size < PACK_EVENTS_MAX) await waitMs(restMs);
      const { epoch, lastSeq } = promised;
      const rows = take();
      if (rows.length >= BUSY_ROUND_ROWS) nextRoundAtMs = performance.now() + BUSY_ROUND_EVERY_MS;
      if (rows.length === 0) return 'idle';
      inFlight = new Set(rows.map(({ id }) => id));
      const packs = packRows(rows);
      // The pipeline is the order: any break refuses all that follows, so that no truncation goes unseen.
      const answers = await pipeline.publish(
        packs.map(({ subject, body, messageId }) => ({ subject, body, messageId: `${messageId}:${epoch}` })),
        lastSeq,
      );
      const marks: PublishedMark[] = [];
      let reached = lastSeq;
      let refusal: Extract<PipelineAnswer, { refused: string }> | undefined;
      for (const [index, answer] of answers.entries()) {
        if ('refused' in answer) {
          refusal ??= answer;
          continue;
        }
        marks.push({ seq: answer.seq, ids: packs[index]!.rows.map(({ id }) => id) });
        reached = Math.max(reached, answer.seq);
      }
      promised = { epoch, lastSeq: reached };
      full = refusal?.by === 'full';
      fruitlessRounds = marks.length === 0 && refusal?.by === 'stream' ? fruitlessRounds + 1 : 0;
      if (marks.length > 0) {
        note(epoch, marks);
        deps.published(marks.reduce((count, { ids }) => count + ids.length, 0));
      }
      inFlight = new Set();
      proven = refusal === undefined;
      if (refusal === undefined) return next();
      log.warn({ stream: stream.name, refusal: refusal.refused, messages: marks.length, of: packs.length }, 'publishing was interrupted');
      return 'broken';
    },
    takeProof() {
      const taken = proven;
      proven = false;
      return taken;
    },
    confirm,
    backlog: () => ledger.backlog(leader),
    async close() {
      pipeline.close();
      await written().catch((error: unknown) => log.debug({ err: error, stream: stream.name }, 'the last marks were not written: those events are told again'));
    },
  };
}
