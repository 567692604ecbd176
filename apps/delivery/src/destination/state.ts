/** What all replicas know about one destination: its row, with instants as milliseconds since the epoch. */
export interface DestinationState {
  readonly id: string;
  readonly organizationId: string;
  readonly state: 'active' | 'paused' | 'disabled';
  readonly circuit: 'closed' | 'open';
  readonly circuitReason: string;
  /** Rises with every change of the circuit. */
  readonly generation: number;
  readonly probeToken: string | null;
  readonly probeUntil: number | null;
  readonly probeNotBefore: number | null;
  readonly holdUntil: number | null;
  readonly holdReason: string;
  /** Holds in a row of which the destination did not say how long. */
  readonly throttles: number;
  readonly tokens: number;
  readonly tokensAt: number;
  /** How many requests at once while it recovers; null when it has recovered. */
  readonly ramp: number | null;
  /** Rows that wait for a time before which they failed are due now: the circuit closed, or somebody resumed. */
  readonly releaseBefore: number | null;
}

/** What the configuration allows. */
export interface Limits {
  readonly ratePerSecond: number;
  readonly concurrency: number;
}
