import { ManualClock } from '@schoolbell/time';
import { beforeEach, expect, it, vi } from 'vitest';
import { REMEMBERED_MAX, REMEMBERED_MS, rememberVerified } from './remember.ts';
import { createPersonVerifier, signPersonToken } from './token.ts';

const SECRET = 'a-shared-secret-of-the-tests-only-0123456789';
const clock = new ManualClock('2026-03-02T09:00:00Z');
const now = (): number => clock.now();
const verified = vi.fn(createPersonVerifier({ secret: SECRET, now }));
const verify = rememberVerified(verified, now);
const token = (id: string, ttlSeconds: number) => signPersonToken({ id, role: 'student' }, SECRET, clock.now(), ttlSeconds);
beforeEach(() => {
  verified.mockClear();
});

it('asks once for a token, and again after a while', async () => {
  const anna = await token('anna', 3600);
  for (const _ of [1, 2, 3]) expect(await verify(anna)).toEqual({ id: 'anna', role: 'student' });
  expect(verified).toHaveBeenCalledTimes(1);
  clock.advance(REMEMBERED_MS - 1);
  await verify(anna);
  expect(verified).toHaveBeenCalledTimes(1);
  clock.advance(1);
  await verify(anna);
  expect(verified).toHaveBeenCalledTimes(2);
});
it('refuses a token from its expiry on, remembered or not', async () => {
  const bob = await token('bob', 10);
  await verify(bob);
  clock.advance(9_999);
  expect(await verify(bob)).toMatchObject({ id: 'bob' });
  clock.advance(1);
  await expect(verify(bob)).rejects.toMatchObject({ code: 'token-invalid' });
});
it('remembers nothing of what was refused', async () => {
  const forged = `${(await token('eve', 60)).slice(0, -4)}AAAA`;
  for (const _ of [1, 2]) await expect(verify(forged)).rejects.toMatchObject({ code: 'token-invalid' });
  expect(verified).toHaveBeenCalledTimes(2);
});
it('forgets the oldest when there are many', async () => {
  const first = await token('first', 3600);
  await verify(first);
  for (let index = 0; index < REMEMBERED_MAX; index += 1) await verify(await token(`s${index}`, 3600));
  verified.mockClear();
  await verify(first);
  expect(verified).toHaveBeenCalledTimes(1);
});
