import { Zone } from 'luxon';
import { formatOffset, offsetMsAt, readableOffset, transitionsOf } from './offsets.ts';

/**
 * Luxon's view of a zone of the pinned database. Luxon's own IANAZone asks the runtime's Intl, whose rules are older or
 * newer than ours; this one never does. (Luxon requires the base class.)
 */
class PinnedZone extends Zone {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }
  override get type(): string {
    return 'pinned';
  }
  override get name(): string {
    return this.#name;
  }
  override get isUniversal(): boolean {
    return transitionsOf(this.#name).changes.length === 0;
  }
  override get isValid(): boolean {
    return true;
  }
  override offset(instant: number): number {
    return offsetMsAt(this.#name, instant) / 60_000;
  }
  /** Never an abbreviation: IST is Kolkata, Dublin and Jerusalem. */
  override offsetName(instant: number): string {
    return readableOffset(offsetMsAt(this.#name, instant));
  }
  override formatOffset(instant: number): string {
    return formatOffset(offsetMsAt(this.#name, instant));
  }
  override equals(other: Zone): boolean {
    return other.type === this.type && other.name === this.#name;
  }
}

const zones = new Map<string, PinnedZone>();

/** The Luxon zone of that name in the pinned database. Throws UnknownZoneError. */
export function pinnedZone(name: string): Zone {
  let zone = zones.get(name);
  if (zone === undefined) {
    transitionsOf(name);
    zone = new PinnedZone(name);
    zones.set(name, zone);
  }
  return zone;
}
