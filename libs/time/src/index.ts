export { backoffMs, type BackoffOptions } from './backoff.ts';
export { ManualClock, systemClock, type Clock } from './clock.ts';
export { formatInstant, parseInstant } from './instant.ts';
export {
  MOVE_LEAD_MS,
  moveDeadlines,
  offerTimeRefusal,
  REMIND_LEAD_MS,
  type MoveDeadlines,
  type OfferTimeRefusal,
} from './move-deadlines.ts';
export { seededRandom, systemRandom, type Random } from './random.ts';
export { AHEAD_TOLERANCE_MS, reportedInstantFault } from './reported-instant.ts';
export { waitMs } from './wait.ts';
