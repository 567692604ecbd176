// The check that a test file leaves nothing open, on files that do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { repositoryRoot } from '@schoolbell/local-stack';
import { expect, it } from 'vitest';

it('fails a file that leaves a server or a process, and no other', async () => {
  const vitest = join(repositoryRoot, 'node_modules', '.bin', 'vitest');
  const child = spawn(vitest, ['run', '--config', join(import.meta.dirname, 'fixtures', 'vitest.config.ts')], { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  const output = stripVTControlCharacters(await text(child.stdout));
  expect((await closed)[0]).toBe(1);
  expect(output).toMatch(/leaves-server.fixture.ts \(1 test\)/);
  expect(output).toMatch(/Test Files +2 failed \| 1 passed \(3\)/);
  expect(output).toMatch(/Tests +3 passed \(3\)/);
});
