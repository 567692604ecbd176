import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@schoolbell/local-stack';
import { expect, it } from 'vitest';

it.each([['--seeds', 'ten'], ['--seeds', '0'], ['--from', 'x']])('chaos with %s %s is refused, and does not pass for nothing', (...args) => {
  const { status, stderr } = spawnSync(process.execPath, [join(repositoryRoot, 'tools/test/chaos.ts'), ...args], { encoding: 'utf8' });
  expect(stderr).toContain('--seeds takes a number');
  expect(status).toBe(64);
});
