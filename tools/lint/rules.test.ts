// Breaks every boundary and house rule once: a rule that cannot fail protects nothing.
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '@schoolbell/local-stack';

const BOUNDARIES = '@nx/enforce-module-boundaries';
const eslint = new ESLint({ cwd: repositoryRoot });

async function broken(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(repositoryRoot, path) });
  return result!.messages.map(({ ruleId, message }) => ruleId ?? message);
}
const importing = (name: string): string => `import * as it from '${name}';\nexport const used = it;\n`;

describe('module boundaries', () => {
  it.each([
    ['an app imports an app', 'apps/ingest/src/broken.ts', '@schoolbell/results/package.json'],
    ['an app reaches into an app by path', 'apps/ingest/src/broken.ts', '../../results/src/service.ts'],
    ['an app imports the test kit outside its tests', 'apps/ingest/src/broken.ts', '@schoolbell/testing'],
    ['an app imports the local stack', 'apps/delivery/src/broken.ts', '@schoolbell/local-stack'],
    ['an app imports a tool', 'apps/notifier/src/broken.ts', '@schoolbell/tools/workload'],
    ['a lib imports an app', 'libs/messaging/src/broken.ts', '@schoolbell/ingest/package.json'],
    ['contracts import a lib', 'libs/contracts/src/broken.ts', '@schoolbell/time'],
    ['time imports a lib', 'libs/time/src/broken.ts', '@schoolbell/contracts'],
    ['standard-webhooks imports a lib', 'libs/standard-webhooks/src/broken.ts', '@schoolbell/time'],
    ['icalendar imports more than time', 'libs/icalendar/src/broken.ts', '@schoolbell/contracts'],
    ['the service kit imports messaging', 'libs/service-kit/src/broken.ts', '@schoolbell/messaging'],
    ['messaging imports the local stack', 'libs/messaging/src/broken.ts', '@schoolbell/local-stack'],
    ['the local stack imports the test kit', 'libs/local-stack/src/broken.ts', '@schoolbell/testing'],
    ['the test kit imports messaging', 'libs/testing/src/broken.ts', '@schoolbell/messaging'],
    ['a black-box test imports an app', 'e2e/broken.test.ts', '@schoolbell/ingest/package.json'],
    ['a tool imports the black-box tests', 'tools/start/broken.ts', '@schoolbell/e2e/package.json'],
  ])('%s', async (_what, path, name) => {
    expect(await broken(path, importing(name))).toEqual([BOUNDARIES]);
  });

  it.each([
    ['apps/ingest/src/sound.ts', '@schoolbell/contracts'],
    ['apps/ingest/src/sound.ts', '@schoolbell/messaging'],
    ['apps/ingest/test/sound.int.test.ts', '@schoolbell/testing'],
    ['libs/service-kit/test/sound.int.test.ts', '@schoolbell/testing'],
    ['libs/testing/src/sound.ts', '@schoolbell/local-stack'],
    ['tools/bench/sound.ts', '@schoolbell/local-stack'],
    ['e2e/sound.test.ts', '@schoolbell/testing'],
  ])('%s may import %s', async (path, name) => {
    expect(await broken(path, importing(name))).toEqual([]);
  });
});

describe('house rules', () => {
  const SYNTAX = 'no-restricted-syntax';
  it.each([
    ['Date.now()', 'export const at = Date.now();', SYNTAX],
    ['Date.now passed on', 'export const at = Date.now;', SYNTAX],
    ['new Date()', 'export const at = new Date();', SYNTAX],
    ['Date()', 'export const at = Date();', SYNTAX],
    ['Math.random()', 'export const chance = Math.random();', SYNTAX],
    ['luxon', "import { DateTime } from 'luxon';\nexport const zone = DateTime;", 'no-restricted-imports'],
    ['export *', "export * from './other.ts';", SYNTAX],
    ['a test left out', "import { it } from 'vitest';\nit.skip('x', () => undefined);", SYNTAX],
    ['unfinished work', '// TO' + 'DO: later\nexport {};', 'no-warning-comments'],
    ['any', 'export const x: any = 1;', '@typescript-eslint/no-explicit-any'],
  ])('%s', async (_what, code, rule) => {
    expect(await broken('apps/results/src/broken.ts', code)).toEqual([rule]);
  });

  it('lets the library of time read the clock', async () => {
    expect(await broken('libs/time/src/sound.ts', 'export const at = Date.now();')).toEqual([]);
  });
});
