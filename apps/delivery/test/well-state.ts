import type { DestinationState } from '../src/destination/state.ts';

/** A destination with which nothing is wrong, and what of it a test wants otherwise. */
export const wellState = (change: Partial<DestinationState> = {}): DestinationState => ({
  id: 'd', organizationId: 'o', state: 'active',
  circuit: 'closed', circuitReason: '', generation: 0, probeToken: null, probeUntil: null, probeNotBefore: null,
  holdUntil: null, holdReason: '', throttles: 0,
  tokens: 10, tokensAt: 0, ramp: null, releaseBefore: null,
  ...change,
});
