import { createLogger } from '@schoolbell/service-kit';
import { parseSecret } from '@schoolbell/standard-webhooks';
import { systemClock } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { wellState } from '../../test/well-state.ts';
import type { Destination } from '../destination/compile.ts';
import type { Exchange } from '../http-client/exchange.ts';
import type { Sender } from '../http-client/sender.ts';
import type { Job } from '../wanted/job.ts';
import { createLine, type Line } from './line.ts';
import type { TurnResult, Turns } from './turn.ts';

const destination = { id: 'd', organizationId: 'o', timeoutMs: 1_000, concurrency: 4, ratePerSecond: 10, keys: [parseSecret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)], ownHeaders: [], compiled: undefined } as unknown as Destination;
const state = wellState({ tokens: 1 });
const refusedConnection: Exchange = { kind: 'failed', durationMs: 1, failure: 'connect', detail: 'ECONNREFUSED', status: undefined };

/** A line whose turns come to what `full` says. A failure trips at once. */
function lineWith(full: Turns['full'], send: Sender['send'] = () => Promise.resolve(refusedConnection)): Line {
  return createLine({
    destination,
    sender: { send, close: () => Promise.resolve() },
    turns: { mark: () => Promise.reject(new Error('not expected')), full },
    detectors: { create: (_name, onTrip) => ({ record: (failure) => (failure === undefined ? undefined : onTrip(failure)), close: () => undefined }), close: () => undefined },
    clock: systemClock,
    random: () => 0,
    log: createLogger({ service: 'delivery', level: 'silent' }),
    onAttempt: () => undefined,
  });
}
const job = (): Job => ({ destinationId: 'd', organizationId: 'o', kind: 'summary', key: 'u', revision: 1, body: '{}', replayId: null, attempts: 0, waitedMs: 0, probe: false, token: 't', leaseUntil: systemClock.now() + 60_000, generation: 0 });

async function turnsOfTheLoop(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await new Promise(setImmediate);
}

describe('rows that are to be released', () => {
  const turnsAfterWaking = async (result: TurnResult, count: number): Promise<number> => {
    let turns = 0;
    const line = lineWith(async () => {
      turns += 1;
      return turns < count ? result : { ...result, state: { ...result.state!, releaseBefore: null } };
    });
    line.wake();
    await turnsOfTheLoop(50);
    await line.close();
    return turns;
  };
  const result = { allowance: undefined, jobs: [] };

  it('are released turn by turn', async () => {
    expect(await turnsAfterWaking({ ...result, state: { ...state, releaseBefore: 1 } }, 3)).toBe(3);
  });

  // A probe that is answered after somebody paused closes the circuit, and nothing is released before they resume.
  it.each(['paused', 'disabled'] as const)('wait while the destination is %s', async (inactive) => {
    expect(await turnsAfterWaking({ ...result, state: { ...state, state: inactive, releaseBefore: 1 } }, 3)).toBe(1);
  });
});

describe('a line that is closed while a request is in flight', () => {
  it('lets it end, and writes it down', async () => {
    const answer = Promise.withResolvers<Exchange>();
    let marked = 0;
    const line = lineWith(
      async (_destination, ended) => {
        marked += ended.length;
        return { state, allowance: undefined, jobs: [] };
      },
      () => answer.promise,
    );
    line.take([job()]);
    const closed = line.close();
    setImmediate(() => answer.resolve({ kind: 'answered', durationMs: 1, status: 204, retryAfter: undefined, answer: '' }));
    await closed;
    expect(marked).toBe(1);
  });
});

describe('a line that is closed while the database is away', () => {
  it('ends, also when its destination has just tripped', async () => {
    let tripped = false;
    const line = lineWith((_destination, _ended, trip) => {
      tripped ||= trip !== null;
      return Promise.reject(new Error('the database is away'));
    });
    line.take([job()]);
    await line.close();
    expect(tripped).toBe(true);
  });
});
