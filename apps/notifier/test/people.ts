import { schedulingEvent, schedulingStream, type SchedulingData, type SchedulingTransition } from '@schoolbell/contracts';
import { createMessaging } from '@schoolbell/messaging';
import { createDatabase, createHealth, createLogger, createMetrics, signPersonToken, type Subject } from '@schoolbell/service-kit';
import { waitFor } from '@schoolbell/testing';
import { systemClock } from '@schoolbell/time';
import { JWT_SECRET } from './notifier.ts';

/** A scheduling service that has nothing to do but tell. */
export interface Teller {
  tell(...events: readonly { transition: SchedulingTransition; data: SchedulingData }[]): Promise<void>;
  /** Bytes on the stream that no outbox has written. */
  publish(transition: SchedulingTransition, body: string): Promise<void>;
  stop(): Promise<void>;
}

export function startTeller({ databaseUrl, natsUrl }: { databaseUrl: string; natsUrl: string }): Teller {
  const log = createLogger({ service: 'scheduling', level: 'silent' });
  const metrics = createMetrics('scheduling');
  const db = createDatabase({ url: databaseUrl, schema: 'scheduling', log, metrics });
  const messaging = createMessaging({
    service: 'scheduling', databaseUrl, natsUrl, db, streams: [{ definition: schedulingStream }], clock: systemClock, log, metrics, health: createHealth(),
  });
  messaging.start();
  return {
    async tell(...events) {
      await db.transaction((tx) => messaging.outbox.append(tx, events.map(({ transition, data }) => ({ definition: schedulingEvent(transition), data, subject: data.packageId }))));
    },
    async publish(transition, body) {
      await waitFor('the stream takes a message', async () =>
        (await messaging.nats.current()?.jetstream.publish(`scheduling.${transition}`, body).catch(() => undefined)) !== undefined);
    },
    async stop() {
      await messaging.stop();
      await db.close();
    },
  };
}

/** Calls of one person. The body is what the test says it is. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function callAs(url: string, person: Subject | null, method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<{ status: number; body: any }> {
  const authorization = person === null ? {} : { authorization: `Bearer ${await signPersonToken(person, JWT_SECRET, systemClock.now(), 3600)}` };
  const response = await fetch(url + path, {
    method,
    headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

export interface LiveEvent {
  readonly id?: string;
  readonly event: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any;
}

/** Reads server-sent events as a browser does. */
export async function openStream(url: string, path: string, headers: Record<string, string> = {}) {
  const ending = new AbortController();
  const response = await fetch(url + path, { headers, signal: ending.signal });
  const events: LiveEvent[] = [];
  let ended = false;
  const reading = (async () => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of response.body ?? []) {
      const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        const [id, event, data] = [field('id'), field('event'), field('data')];
        if (event !== undefined && data !== undefined) events.push({ ...(id === undefined ? {} : { id }), event, data: JSON.parse(data) });
      }
    }
  })().catch(() => undefined).finally(() => {
    ended = true;
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    events,
    ended: () => ended,
    async close() {
      ending.abort();
      await reading;
    },
  };
}
