/**
 * Trims CLDR to what a reader is shown: the city of every zone of the pinned database, weekdays and months, in English
 * and Russian. `node libs/time/scripts/reader-names.ts` writes src/zones/reader-names.json; a test says when it is stale.
 * Source of the look-up: UTS 35, part 4, "Using Time Zone Names" (exemplarCity of the canonical zone, else the last part).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { zoneNames } from '../src/zones/names.ts';

const require = createRequire(import.meta.url);
const LANGUAGES = ['en', 'ru'] as const;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MONTHS = Array.from({ length: 12 }, (_, month) => String(month + 1));

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;
const dates = (language: string, file: string): Json =>
  require(`cldr-dates-full/main/${language}/${file}.json`).main[language].dates;

/** CLDR keeps names stable, so its canonical zone is often an old alias: Asia/Calcutta stands for Asia/Kolkata. */
function canonicalZones(): Map<string, string> {
  const zones: Record<string, { _alias?: string }> = require('cldr-bcp47/bcp47/timezone.json').keyword.u.tz;
  const canonical = new Map<string, string>();
  for (const { _alias } of Object.values(zones)) {
    const names = typeof _alias === 'string' ? _alias.split(' ') : [];
    for (const name of names) canonical.set(name, names[0] as string);
  }
  return canonical;
}

function cities(language: string, canonical: Map<string, string>): Record<string, string> {
  const zone: Json = dates(language, 'timeZoneNames').timeZoneNames.zone;
  const exemplarCity = (name: string): string | undefined =>
    name.split('/').reduce((node: Json, part) => node?.[part], zone)?.exemplarCity;
  return Object.fromEntries(
    zoneNames().map((name) => {
      const known = canonical.get(name) ?? name;
      const city = exemplarCity(name) ?? exemplarCity(known) ?? known.split('/').at(-1)?.replaceAll('_', ' ');
      return [name, city as string];
    }),
  );
}

export function readerNames(): string {
  const canonical = canonicalZones();
  const perLanguage = LANGUAGES.map((language) => {
    const { days, months } = dates(language, 'ca-gregorian').calendars.gregorian;
    return [language, {
      weekdays: WEEKDAYS.map((day) => days.format.abbreviated[day]),
      months: MONTHS.map((month) => months.format.abbreviated[month]),
      cities: cities(language, canonical),
    }];
  });
  const source = `Unicode CLDR ${require('cldr-dates-full/package.json').version}, Unicode License v3`;
  return `${JSON.stringify({ source, ...Object.fromEntries(perLanguage) }, null, 1)}\n`;
}

export const READER_NAMES_FILE = fileURLToPath(new URL('../src/zones/reader-names.json', import.meta.url));
export const isCurrent = (): boolean => readFileSync(READER_NAMES_FILE, 'utf8') === readerNames();

if (import.meta.main) writeFileSync(READER_NAMES_FILE, readerNames());
