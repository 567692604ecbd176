import { pinnedDatabase } from './database.ts';

// Etc/GMT+3 is an offset, Etc/UTC no place; names without a slash are abbreviations (EST, WET) or old shorthand (GB).
const NOT_A_PLACE = /^Etc\//;
const AREA_AND_CITY = /^[A-Za-z]+\/[A-Za-z]/;

/**
 * May this name be the zone of a person, a package or a contract? An Area/City name of the pinned database or its alias
 * (`Asia/Calcutta`, `US/Eastern`), in exact case; never an offset, an abbreviation, `UTC` or `local`.
 */
export function isZoneName(name: string): boolean {
  return AREA_AND_CITY.test(name) && !NOT_A_PLACE.test(name) && pinnedDatabase().names.has(name);
}

/** Every name that `isZoneName` accepts, sorted. */
export function zoneNames(): readonly string[] {
  return [...pinnedDatabase().names].filter(isZoneName).sort();
}
