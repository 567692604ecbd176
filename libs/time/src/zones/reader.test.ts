import { describe, expect, it } from 'vitest';
import { isCurrent } from '../../scripts/reader-names.ts';
import { parseInstant } from '../instant.ts';
import { zoneNames } from './names.ts';
import { cityOf, formatForReader, READER_LANGUAGES, readerLanguage } from './reader.ts';

const at = parseInstant('2026-11-25T13:30:00Z');

describe('times as a reader sees them', () => {
  it.each([
    ['en', 'Europe/Berlin', 'Wed 25 Nov 2026, 14:30, Berlin (UTC+1)'],
    ['ru', 'Europe/Berlin', 'ср, 25 нояб. 2026 г., 14:30, Берлин (UTC+1)'],
    ['en', 'Asia/Kathmandu', 'Wed 25 Nov 2026, 19:15, Kathmandu (UTC+5:45)'],
    ['ru', 'America/New_York', 'ср, 25 нояб. 2026 г., 08:30, Нью-Йорк (UTC-5)'],
    ['en', 'Pacific/Kiritimati', 'Thu 26 Nov 2026, 03:30, Kiritimati (UTC+14)'],
    ['en', 'Europe/London', 'Wed 25 Nov 2026, 13:30, London (UTC+0)'],
    ['en', 'Asia/Calcutta', 'Wed 25 Nov 2026, 19:00, Kolkata (UTC+5:30)'],
    ['ru', 'Europe/Kyiv', 'ср, 25 нояб. 2026 г., 15:30, Киев (UTC+2)'],
    ['en', 'UTC', 'Wed 25 Nov 2026, 13:30, UTC+0'],
  ] as const)('%s in %s', (language, zone, text) => {
    expect(formatForReader(at, { language, zone })).toBe(text);
  });
  it("leaves out the year where it is the reader's own", () => {
    const newYear = parseInstant('2026-12-31T23:30:00Z');
    expect(formatForReader(newYear, { language: 'en', zone: 'Europe/London', now: at })).toBe(
      'Thu 31 Dec, 23:30, London (UTC+0)',
    );
    expect(formatForReader(newYear, { language: 'ru', zone: 'Europe/Berlin', now: at })).toBe(
      'пт, 1 янв. 2027 г., 00:30, Берлин (UTC+1)',
    );
  });
  it('tells the two passes of a repeated hour apart', () => {
    const options = { language: 'en', zone: 'America/New_York', now: at } as const;
    expect(formatForReader(parseInstant('2026-11-01T05:30:00Z'), options)).toBe('Sun 1 Nov, 01:30, New York (UTC-4)');
    expect(formatForReader(parseInstant('2026-11-01T06:30:00Z'), options)).toBe('Sun 1 Nov, 01:30, New York (UTC-5)');
  });
  it('has a city in every language for every zone a person may have', () => {
    for (const language of READER_LANGUAGES) {
      for (const zone of zoneNames()) expect(cityOf(zone, language), `${zone} ${language}`).toMatch(/\p{L}{2}/u);
    }
  });
  it('chooses the language of a locale', () => {
    expect(['ru', 'ru-KZ', 'RU', 'en-GB', 'de', ''].map(readerLanguage)).toEqual(['ru', 'ru', 'ru', 'en', 'en', 'en']);
  });
  it('has words that are what CLDR says (run scripts/reader-names.ts when this fails)', () => {
    expect(isCurrent()).toBe(true);
  });
});
