import { createLogger, createMetrics } from '@schoolbell/service-kit';
import { ManualClock } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { createMailMetrics } from './metrics.ts';
import type { MailOutcome } from './outcome.ts';
import type { MailClaim } from './queue.ts';
import { createMailSender } from './sender.ts';

const CLAIM: MailClaim = { readerId: 'anna', address: 'anna@people.example', name: 'Anna', token: 't', mail: { id: '1', messageId: '<1@school.example>', createdAtMs: 0 } };
const LETTER = { messageId: CLAIM.mail.messageId, dateMs: 0, to: { address: CLAIM.address, name: CLAIM.name }, subject: '', text: '', html: '', calendars: [] };

/** A sender with one mail to carry. `handedOver` is settled with the call of the transport, `settled` with the mark. */
function play(answer: () => Promise<MailOutcome>, stopPatienceMs?: number) {
  const lines: string[] = [];
  const claims = [CLAIM];
  const handedOver = Promise.withResolvers<void>();
  const settled = Promise.withResolvers<MailOutcome>();
  const sender = createMailSender({
    queue: { claim: () => Promise.resolve(claims.pop()), settle: (_claim, outcome) => Promise.resolve(settled.resolve(outcome)) },
    outlet: () => ({ connections: 1, transport: { send: () => (handedOver.resolve(), answer()), close: () => undefined } }),
    write: () => Promise.resolve(LETTER),
    clock: new ManualClock(0),
    log: createLogger({ service: 'notifier', level: 'warn', destination: { write: (line) => void lines.push(line) } }),
    metrics: createMailMetrics(createMetrics('notifier')),
    ...(stopPatienceMs !== undefined && { stopPatienceMs }),
  });
  sender.start();
  return { sender, lines, handedOver: handedOver.promise, settled: settled.promise };
}

describe('the log', () => {
  it.each(['421 4.7.0 <anna@people.example> try later', '421 anna@people.example: try later'])('has no address of "%s", and the rest of it', async (reason) => {
    const { sender, lines, settled } = play(() => Promise.resolve({ kind: 'server-away', reason, untaken: true }));
    expect(await settled).toMatchObject({ reason });
    await sender.stop();
    expect(lines.join()).toContain('try later');
    expect(lines.join()).not.toContain('people.example');
  });
});

describe('the stop', () => {
  it('waits for a mail that is on its way', async () => {
    const answer = Promise.withResolvers<MailOutcome>();
    const { sender, handedOver, settled } = play(() => answer.promise);
    await handedOver;
    const stopped = sender.stop();
    answer.resolve({ kind: 'sent' });
    await stopped;
    expect(await Promise.race([settled, 'not marked'])).toEqual({ kind: 'sent' });
  });
  it('does not wait for a server that never answers', async () => {
    const { sender, lines, handedOver } = play(() => new Promise(() => undefined), 0);
    await handedOver;
    await sender.stop();
    expect(lines.join()).toContain('mails in hand are repeated');
  });
});
