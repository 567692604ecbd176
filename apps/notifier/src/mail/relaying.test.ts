import { describe, expect, it } from 'vitest';
import { createRelaying, READERS_ENOUGH, TRIES_ENOUGH } from './relaying.ts';

const answers = <T>(count: number, ask: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => ask(index));

describe('refusals that say that we may not send', () => {
  it('are about us when several readers in a row meet one', () => {
    const relaying = createRelaying();
    expect(answers(READERS_ENOUGH, (index) => relaying.refused(`reader-${index}`))).toEqual([false, false, true]);
  });
  it('are about us when nobody else shows otherwise for long enough', () => {
    const relaying = createRelaying();
    expect(answers(TRIES_ENOUGH, () => relaying.refused('anna'))).toEqual([false, false, false, false, true]);
  });
  it('are about one reader as long as others are served, however often', () => {
    const relaying = createRelaying();
    relaying.refused('anna');
    relaying.served('tom');
    expect(answers(2 * TRIES_ENOUGH, () => relaying.refused('anna'))).not.toContain(true);
    // Others are evidence as ever, and so is she once her mails were taken.
    expect(answers(READERS_ENOUGH, (index) => relaying.refused(`reader-${index}`)).at(-1)).toBe(true);
    relaying.served('anna');
    expect(answers(TRIES_ENOUGH, () => relaying.refused('anna')).at(-1)).toBe(true);
  });
});
