import { expect, it } from 'vitest';
import { waitFor } from './wait-for.ts';

it('asks until there is an answer, also one that is 0 or empty', async () => {
  let asked = 0;
  expect(await waitFor('three', () => (asked += 1) === 3 && { asked })).toEqual({ asked: 3 });
  expect(await waitFor('nothing to wait for', () => 0)).toBe(0);
  expect(await waitFor('nothing to wait for', () => '')).toBe('');
});

it('goes on when the probe throws, and in the end says what it waited for and why', async () => {
  let asked = 0;
  const probe = () => {
    asked += 1;
    if (asked < 3) throw new Error('not yet');
    return true;
  };
  await waitFor('a probe that recovers', probe);
  const failing = waitFor('the impossible', () => Promise.reject(new Error('never')), { timeoutMs: 30 });
  await expect(failing).rejects.toMatchObject({ code: 'wait-timeout', message: 'waited 30 ms in vain for: the impossible', cause: new Error('never') });
});
