import { describe, expect, it } from 'vitest';
import { lesson, names, noticeOf } from '../../test/happenings.ts';
import { NOTICE_KINDS, type Names } from '../notices/notice.ts';
import { renderNotice } from '../notices/render.ts';
import { compose } from './compose.ts';
import type { Letter } from './letter.ts';

const NOW = Date.parse('2026-11-23T08:00:00Z');
const links = { answer: () => 'https://school.example/a/1.x', unsubscribe: () => 'https://school.example/u/x' };
const sender = { address: 'lessons@school.example', name: 'School' };
/** Clocks with odd offsets, and the night in which those of Lord Howe Island go forward by half an hour: 01:59 is followed by 02:30. */
const READERS = [
  { zone: 'Asia/Kathmandu', old: '2026-11-25T13:30:00.000Z', shown: '19:15', offset: 'UTC+5:45' },
  { zone: 'Pacific/Chatham', old: '2026-11-25T13:30:00.000Z', shown: '03:15', offset: 'UTC+13:45' },
  { zone: 'Australia/Lord_Howe', old: '2026-10-03T15:29:00.000Z', shown: '01:59', offset: 'UTC+10:30' },
  { zone: 'Australia/Lord_Howe', old: '2026-10-03T15:30:00.000Z', shown: '02:30', offset: 'UTC+11' },
] as const;

function mailOf(kind: (typeof NOTICE_KINDS)[number], locale: string, zone: string, old: string, lookUp: Names): { letter: Letter; shown: string[] } {
  const notice = noticeOf(kind, { id: 'tom', zone, locale }, { changes: { lessons: [lesson({ oldStart: old })] } });
  const rendered = renderNotice(notice, lookUp);
  const letter = compose({ messageId: '<1@school.example>', atMs: NOW, to: { address: 'tom@people.example', name: 'Tom' }, notices: [{ notice, rendered }], sender, links });
  return { letter, shown: [rendered.subject, ...rendered.paragraphs.slice(1), ...rendered.lessons.flatMap(({ old: first = '', otherSide }) => [first, ...otherSide]), rendered.ifNobodyActs ?? ''] };
}
const readable = (html: string): string => html.replace(/<style>[^]*?<\/style>/, '').replace(/<[^>]+>/g, ' ')
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

describe('a mail of every kind', () => {
  it.each(READERS.flatMap((reader) => ['en', 'ru'].map((locale) => [reader.zone, reader.shown, locale, reader] as const)))(
    'says in %s at %s in %s what the notice says, as text and as HTML', (_zone, _shown, locale, { zone, old, shown: clock, offset }) => {
      for (const kind of NOTICE_KINDS) {
        const { letter, shown } = mailOf(kind, locale, zone, old, names);
        const html = readable(letter.html);
        for (const part of shown) expect([letter.text.includes(part), html.includes(part)], `${kind}: ${part}`).toEqual([true, true]);
        expect(letter.text).toContain(`, ${clock}, `);
        expect(letter.text).toContain(`(${offset})`);
        expect(letter.html).toContain(`<html lang="${locale}" dir="ltr">`);
        expect(letter.text).not.toMatch(/undefined|NaN|\[object/);
      }
    });

  it.each([
    ['HTML', '<img src=x onerror=alert(1)></p><script>alert(1)</script>'], ['Markdown', '[click](https://evil.example) **x** `y`'],
    ['right-to-left marks', '\u202egnp.exe\u2066\u200f'], ['a script from right to left', 'سارة بنت محمد'], ['great length', 'я'.repeat(10_000)],
  ])('is not changed by a name with %s', (_what, name) => {
    for (const kind of NOTICE_KINDS) {
      for (const locale of ['en', 'ru']) {
        const { letter } = mailOf(kind, locale, 'Asia/Kathmandu', READERS[0].old, () => name);
        const tags = new Set([...letter.html.matchAll(/<\/?([a-z0-9]+)/g)].map(([, tag]) => tag));
        expect([...tags].filter((tag) => !['html', 'head', 'meta', 'title', 'style', 'body', 'div', 'p', 'h1', 'dl', 'dt', 'dd', 'strong', 'a'].includes(tag!))).toEqual([]);
        for (const [, url] of letter.html.matchAll(/href="([^"]*)"/g)) expect(url).toMatch(/^https:\/\/school\.example\//);
        expect(`${letter.subject}${letter.text}${letter.html}`).not.toMatch(/[\u202a-\u202e\u2066\u2067\u200e\u200f]|https:\/\/evil/);
        // A sentence of ours keeps its direction, whatever script the name in it has.
        expect(letter.html).not.toContain('dir="auto"');
        expect(letter.subject.length).toBeLessThan(300);
      }
    }
  });
});
