import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awaiting, lesson, names, NEW, noticeOf, offered, OLD } from '../../test/happenings.ts';
import { mayMail } from '../contacts/topics.ts';
import { NOTICE_KINDS, type RenderedNotice } from './notice.ts';
import { renderNotice } from './render.ts';
import { plural } from './words/ru.ts';

const READERS = {
  tom: { id: 'tom', role: 'teacher' as const, zone: 'America/New_York' },
  anna: { id: 'anna', role: 'student' as const, zone: 'Europe/Berlin' },
  mia: { id: 'mia', role: 'manager' as const, zone: 'Europe/London' },
};
const textOf = ({ subject, paragraphs, lessons, ifNobodyActs }: RenderedNotice): string =>
  [subject, ...paragraphs, ...lessons.flatMap(({ old = '', new: moved = '', otherSide }) => [old, moved, ...otherSide]), ifNobodyActs ?? ''].join('\n');

describe('every kind of notice', () => {
  it.each(NOTICE_KINDS.flatMap((kind) => (['en', 'ru'] as const).map((locale) => [kind, locale] as const)))(
    '%s in %s is whole for everybody, with names and without', (kind, locale) => {
      for (const reader of Object.values(READERS)) {
        for (const lookUp of [names, () => undefined]) {
          const rendered = renderNotice(noticeOf(kind, { ...reader, locale }), lookUp);
          expect(rendered).toMatchObject({ kind, language: locale });
          const text = textOf(rendered);
          expect(text).not.toMatch(/undefined|NaN|\[object|null/);
          expect(rendered.subject).toMatch(/^[\p{Lu}]/u);
          expect(rendered.paragraphs.every((paragraph) => /[.!?]$/.test(paragraph) || paragraph.startsWith(locale === 'en' ? 'Reason' : 'Причина'))).toBe(true);
          const own = /[A-Za-z]{4,}/;
          if (locale === 'ru' && lookUp !== names) expect(text.replaceAll('I am away', '')).not.toMatch(own);
          if (locale === 'en') expect(text).not.toMatch(/[а-яё]/i);
        }
      }
    });

  it('is mandatory by mail exactly while an offer or its deadline is the matter', () => {
    const all = ['outcomes', 'awaiting', 'packages', 'zone-rules'];
    const mailed = NOTICE_KINDS.filter((kind) => mayMail(renderNotice(noticeOf(kind), names).topic, all));
    expect(mailed).toEqual(['asked', 'proposed', 'countered', 'agreed', 'expired', 'reminded', 'unfinished', 'detached', 'zone-rules-asked', 'zone-rules-moved-offer']);
  });
});

describe('an offer', () => {
  it('says who, old and new time, the other side’s time, and what happens until when', () => {
    expect(renderNotice(noticeOf('asked', READERS.tom), names)).toEqual({
      kind: 'asked', topic: 'offers', language: 'en', answerable: true, answerByMs: Date.parse('2026-11-27T08:50:00Z'),
      subject: 'Anna asks to move the lesson · Wed 25 Nov, 08:30, New York (UTC-5)',
      paragraphs: ['Anna asks to move the lesson.', 'The old time begins within an hour.', 'Your answer is needed.'],
      lessons: [{
        lessonId: 'l1', old: 'Wed 25 Nov, 08:30, New York (UTC-5)', new: 'Fri 27 Nov, 04:00, New York (UTC-5)',
        otherSide: ['Anna, Paul: Wed 25 Nov, 14:30, Berlin (UTC+1) → Fri 27 Nov, 10:00, Berlin (UTC+1)'],
      }],
      ifNobodyActs: 'Without agreement before Fri 27 Nov, 03:50, New York (UTC-5) the offer is declined by the system, and the lesson awaits another time. From Wed 25 Nov, 08:30, New York (UTC-5) on the lesson can no longer return to its old time.',
    });
    expect(renderNotice(noticeOf('asked', { ...READERS.tom, locale: 'ru-KZ' }), names)).toMatchObject({
      subject: 'Anna просит перенести урок · ср, 25 нояб., 08:30, Нью-Йорк (UTC-5)',
      paragraphs: ['Anna просит перенести урок.', 'До прежнего времени остаётся меньше часа.', 'Нужен ваш ответ.'],
    });
  });
  it('can be answered by whom it waits for, while nothing newer is known', () => {
    expect(renderNotice(noticeOf('asked', READERS.anna), names)).toMatchObject({ answerable: false, subject: expect.stringMatching(/^You asked/) });
    expect(renderNotice(noticeOf('asked', READERS.tom, { overtaken: true }), names).answerable).toBe(false);
    expect(renderNotice(noticeOf('expired', READERS.tom), names).answerable).toBe(false);
  });
  it('of a new time-zone database leaves the lesson as it is, and a lesson without a time goes to the manager', () => {
    expect(renderNotice(noticeOf('zone-rules-asked', READERS.anna), names).ifNobodyActs).toMatch(/stays at its present time\.$/);
    expect(renderNotice(noticeOf('expired', READERS.anna), names).ifNobodyActs).toBe("Without a new time before Mon 21 Dec, 00:00, Berlin (UTC+1) the school's manager decides about the lesson.");
    expect(renderNotice(noticeOf('approved', READERS.anna), names).ifNobodyActs).toBeUndefined();
  });
});

describe('times', () => {
  interface Local { readonly utc: string; readonly zone: string; readonly local: string }
  // What libs/time was verified with, by other implementations: instants and what the clocks of a zone showed then.
  const { cases } = JSON.parse(readFileSync(new URL('../../../../libs/time/test/time-cases.json', import.meta.url), 'utf8'));
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const shown: Local[] = cases.flatMap(({ op, input, expected }: any) => {
    if (op === 'instant_to_local') return expected.map(({ zone, local }: Local) => ({ utc: input.utc, zone, local }));
    if (op !== 'local_to_instant') return [];
    return [expected, expected.earlier, expected.later].filter((one) => one !== undefined).map(({ utc, local }: Local) => ({ utc, zone: input.zone, local }));
  });
  const more: Local[] = [
    { utc: OLD, zone: 'Asia/Kathmandu', local: '2026-11-25T19:15+05:45' }, { utc: NEW, zone: 'Pacific/Chatham', local: '2026-11-27T22:45+13:45' },
    { utc: OLD, zone: 'Pacific/Apia', local: '2026-11-26T02:30+13:00' }, { utc: OLD, zone: 'Australia/Lord_Howe', local: '2026-11-26T00:30+11:00' },
  ];
  const readable = (offset: string): string => {
    const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
    return `UTC${sign}${Number(hours)}${minutes === '00' ? '' : `:${minutes}`}`;
  };

  it('covers odd offsets, gaps and repeated hours', () => {
    expect(shown.map(({ zone }) => zone)).toEqual(expect.arrayContaining(['Pacific/Chatham', 'Pacific/Apia', 'Australia/Lord_Howe', 'America/New_York']));
    expect(shown.length).toBeGreaterThan(40);
  });
  it.each([...shown, ...more].filter(({ zone }) => zone.includes('/')).map((one) => [one.local, one.zone, one] as const))(
    '%s in %s is what every kind shows, in both languages', (_local, _zone, { utc, zone, local }) => {
      const [, year = '', , day = '', time = '', offset = ''] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d)(.*)$/.exec(local) ?? [];
      const instant = new Date(utc).toISOString();
      for (const kind of NOTICE_KINDS) {
        for (const locale of ['en', 'ru']) {
          const [rendered] = renderNotice(noticeOf(kind, { ...READERS.tom, zone, locale }, { changes: { lessons: [lesson({ oldStart: instant })] } }), names).lessons;
          expect(rendered?.old).toContain(`${Number(day)} `);
          expect(rendered?.old).toContain(`, ${time}, `);
          expect(rendered?.old).toContain(`(${readable(offset)})`);
          if (!local.startsWith('2026')) expect(rendered?.old).toContain(year);
        }
      }
    });
  it('of the other side are left out where the clocks show the same, and of a zone that is not known are UTC', () => {
    const people = [{ id: 'tom', role: 'teacher' as const, zone: 'Europe/Paris', locale: 'en' }];
    expect(renderNotice(noticeOf('asked', READERS.anna, { changes: { people } }), names).lessons[0]?.otherSide).toEqual([]);
    expect(renderNotice(noticeOf('asked', { ...READERS.anna, zone: 'Mars/Base' }), names).lessons[0]?.old).toBe('Wed 25 Nov, 13:30, UTC+0');
  });
});

describe('words', () => {
  it('have the Russian form that CLDR gives a number', () => {
    const rules = new Intl.PluralRules('ru');
    fc.assert(fc.property(fc.nat(100_000), (n) => plural<string>(n, 'one', 'few', 'many') === rules.select(n)));
  });
  it('count lessons', () => {
    const headline = (count: number, locale: string): string => {
      const lessons = Array.from({ length: count }, (_, index) => offered({ lessonId: `l${index}` }));
      return renderNotice(noticeOf('asked', { ...READERS.tom, locale }, { changes: { lessons } }), names).paragraphs[0] as string;
    };
    expect([1, 2, 5, 21].map((count) => headline(count, 'ru'))).toEqual([
      'Anna просит перенести урок.', 'Anna просит перенести 2 урока.', 'Anna просит перенести 5 уроков.', 'Anna просит перенести 21 урок.',
    ]);
    expect(headline(3, 'en')).toBe('Anna asks to move 3 lessons.');
  });
  it('of a hostile name and reason stay one harmless line each', () => {
    const hostile = '<script>\u202e**x**\n\nhttps://evil.example\u0000'.repeat(50);
    for (const kind of NOTICE_KINDS) {
      const text = textOf(renderNotice(noticeOf(kind, READERS.tom, { changes: { reason: hostile, lessons: [awaiting()] } }), () => hostile));
      expect(text.replaceAll('\n', '')).not.toMatch(/[<>\u202e\p{Cc}]|:\/\//u);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(800);
    }
  });
});
