import { createRequire } from 'node:module';
import { wallMsAt, weekdayOf } from './local.ts';
import { offsetMsAt, readableOffset } from './offsets.ts';

/**
 * Times as a person reads them, with the city and the offset, so that nobody has to guess whose clock is meant. The
 * server renders them and sends them beside the instant. Never an abbreviation: IST is Kolkata, Dublin and Jerusalem.
 * Words come from CLDR, trimmed by scripts/reader-names.ts and read when first needed.
 */

/** Languages that times are rendered in. */
export const READER_LANGUAGES = ['en', 'ru'] as const;
export type ReaderLanguage = (typeof READER_LANGUAGES)[number];

interface ReaderWords {
  readonly weekdays: readonly string[];
  readonly months: readonly string[];
  readonly cities: Readonly<Record<string, string>>;
}

let words: Readonly<Record<ReaderLanguage, ReaderWords>> | undefined;
const wordsOf = (language: ReaderLanguage): ReaderWords =>
  (words ??= createRequire(import.meta.url)('./reader-names.json') as Record<ReaderLanguage, ReaderWords>)[language];

/** The language to render for a locale such as `ru-KZ`; English for every one that is not known. */
export function readerLanguage(locale: string): ReaderLanguage {
  const language = locale.split('-', 1)[0]?.toLowerCase();
  return READER_LANGUAGES.find((known) => known === language) ?? 'en';
}

/** The city that a zone is named after, in the reader's language; undefined for `UTC` and other zones without a place. */
export const cityOf = (zone: string, language: ReaderLanguage): string | undefined => wordsOf(language).cities[zone];

export interface ReaderOptions {
  readonly language: ReaderLanguage;
  /** The zone whose clocks the reader looks at. */
  readonly zone: string;
  /** The year is left out when it is the same as at this instant (epoch ms) in the zone; without it, it is always given. */
  readonly now?: number;
}

/**
 * `Wed 25 Nov 2026, 14:30, Berlin (UTC+1)`; in Russian `ср, 25 нояб. 2026 г., 14:30, Берлин (UTC+1)`.
 * Throws UnknownZoneError.
 */
export function formatForReader(instant: number, { language, zone, now }: ReaderOptions): string {
  const offsetMs = offsetMsAt(zone, instant);
  const wall = instant + offsetMs;
  const yearNow = now === undefined ? undefined : new Date(wallMsAt(now, zone)).getUTCFullYear();
  return `${formatDay(wall, language, yearNow)}, ${formatTime(wall)}, ${formatPlace(zone, offsetMs, language)}`;
}

function formatDay(wall: number, language: ReaderLanguage, yearNow: number | undefined): string {
  const { weekdays, months } = wordsOf(language);
  const day = new Date(wall);
  const year = day.getUTCFullYear();
  const date = `${day.getUTCDate()} ${months[day.getUTCMonth()]}`;
  const name = weekdays[weekdayOf(wall) - 1];
  if (language === 'ru') return `${name}, ${date}${year === yearNow ? '' : ` ${year} г.`}`;
  return `${name} ${date}${year === yearNow ? '' : ` ${year}`}`;
}

const MINUTE_MS = 60_000;
const MINUTES_OF_DAY = 1440;
const twoDigits = (value: number): string => (value < 10 ? `0${value}` : String(value));

function formatTime(wall: number): string {
  const minutes = ((Math.floor(wall / MINUTE_MS) % MINUTES_OF_DAY) + MINUTES_OF_DAY) % MINUTES_OF_DAY;
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function formatPlace(zone: string, offsetMs: number, language: ReaderLanguage): string {
  const offset = readableOffset(offsetMs);
  const city = cityOf(zone, language);
  return city === undefined ? offset : `${city} (${offset})`;
}
