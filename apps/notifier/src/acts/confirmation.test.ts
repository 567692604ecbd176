import { describe, expect, it } from 'vitest';
import { isDangerous } from './act.ts';
import { judge, type Confirmation } from './confirmation.ts';

const asked: Confirmation = { id: 'x', chatId: '1', userId: 7, userName: 'Anna', act: { kind: 'pause', destination: 'acme-lms' }, state: 'open', expiresAtMs: 1_000, begunBy: null };

const press = { userId: 7, updateId: 100 };

describe('a question', () => {
  it('is answered by who asked, once, before its end', () => {
    expect(judge(asked, press, 999)).toBe('go');
    expect(judge(asked, press, 1_000)).toBe('expired');
    expect(judge(asked, { ...press, userId: 8 }, 0)).toBe('not-yours');
    expect(judge({ ...asked, state: 'confirmed' }, press, 0)).toBe('closed');
    expect(judge({ ...asked, state: 'cancelled' }, press, 0)).toBe('closed');
  });
  it('that was answered in time and interrupted is known by its update', () => {
    const begun: Confirmation = { ...asked, begunBy: 100 };
    expect(judge(begun, press, 999)).toBe('go');
    expect(judge(begun, press, 1_000)).toBe('interrupted');
    expect(judge(begun, { ...press, updateId: 101 }, 1_000)).toBe('expired');
    expect(judge({ ...begun, state: 'confirmed' }, press, 1_000)).toBe('closed');
  });
  it('is asked of everything but going on with one destination', () => {
    expect(isDangerous({ kind: 'resume', destination: 'a' })).toBe(false);
    expect(isDangerous({ kind: 'resume' })).toBe(true);
    expect(isDangerous({ kind: 'pause', destination: 'a' })).toBe(true);
    expect(isDangerous({ kind: 'replay-quarantine', source: 'a' })).toBe(true);
  });
});
