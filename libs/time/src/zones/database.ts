import { createRequire } from 'node:module';
import { packedName, unpack, type Transitions } from './packed.ts';

/**
 * The pinned time-zone database: what is installed with the product decides, not what the runtime happens to ship.
 * Read when a zone is first asked for and unpacked zone by zone, so a process that needs no zones pays nothing.
 */
export interface TimeZoneDatabase {
  /** Release of the IANA database, such as `2026f`. */
  readonly version: string;
  /** Every name, aliases included. */
  readonly names: ReadonlySet<string>;
  /** Offsets of a zone or alias by its exact name, or undefined. */
  transitions(name: string): Transitions | undefined;
}

/** The file `data/packed/latest.json` of moment-timezone. */
export interface PackedDatabase {
  readonly version: string;
  readonly zones: readonly string[];
  /** `target|alias`. */
  readonly links: readonly string[];
}

export function createTimeZoneDatabase(packed: PackedDatabase): TimeZoneDatabase {
  const lines = new Map(packed.zones.map((line) => [packedName(line), line]));
  const targets = new Map(packed.links.map((link) => link.split('|').reverse() as [string, string]));
  const unpacked = new Map<string, Transitions>();
  return {
    version: packed.version,
    names: new Set([...lines.keys(), ...targets.keys()]),
    transitions(name) {
      const target = lines.has(name) ? name : (targets.get(name) ?? name);
      const known = unpacked.get(target);
      if (known !== undefined) return known;
      const line = lines.get(target);
      if (line === undefined) return undefined;
      const transitions = unpack(line);
      unpacked.set(target, transitions);
      return transitions;
    },
  };
}

let pinned: TimeZoneDatabase | undefined;

/** The database this build is pinned to (see docs/adr/0040-time-zone-database.md). */
export function pinnedDatabase(): TimeZoneDatabase {
  pinned ??= createTimeZoneDatabase(
    createRequire(import.meta.url)('moment-timezone/data/packed/latest.json') as PackedDatabase,
  );
  return pinned;
}

/** Release of the pinned IANA database, such as `2026f`. Stored with every lesson, shown on the status page. */
export const timeZoneDatabaseVersion = (): string => pinnedDatabase().version;
