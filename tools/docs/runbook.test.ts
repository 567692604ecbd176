import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ALERT_KINDS } from '@schoolbell/contracts';
import { repositoryRoot } from '@schoolbell/local-stack';
import { describe, expect, it } from 'vitest';

const directory = join(repositoryRoot, 'docs', 'runbook');

describe('the runbook', () => {
  it('has a page for every kind of alert, and no page for a kind that is gone', async () => {
    const pages = (await readdir(directory)).filter((name) => name !== 'README.md').map((name) => name.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual([...ALERT_KINDS].sort());
  });
  it.each(ALERT_KINDS)('says what %s means and what to do', async (kind) => {
    const page = await readFile(join(directory, `${kind}.md`), 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${kind}`);
    expect(page).toMatch(/^## What to look at/m);
    expect(page).toMatch(/^## What to do/m);
    expect(page).toMatch(/^## When it resolves/m);
  });
});
