/** A zone name that the pinned database does not have. Names from outside are checked with `isZoneName` first. */
export class UnknownZoneError extends Error {
  readonly code = 'zone-unknown';
  readonly zone: string;

  constructor(zone: string) {
    super(`not a zone of the pinned time-zone database: ${JSON.stringify(zone)}`);
    this.name = 'UnknownZoneError';
    this.zone = zone;
  }
}

/** A text that is no wall-clock time or date: 29 February of a common year, 24:30, a year out of range. */
export class WallTimeError extends Error {
  readonly code = 'wall-time-invalid';
  readonly text: string;

  constructor(text: string, expected: string) {
    super(`not ${expected}: ${JSON.stringify(text)}`);
    this.name = 'WallTimeError';
    this.text = text;
  }
}
