import type { Scenario } from '../context.ts';
import { atRest } from './at-rest.ts';
import { carriedThrough, carriedThroughMany } from './carried-through.ts';
import { ceiling } from './ceiling.ts';
import { flat } from './flat.ts';
import { ingestAlone, ingestChain } from './ingest.ts';
import { memory } from './memory.ts';
import { outage } from './outage.ts';
import { schedulingDeadlines } from './scheduling-deadlines.ts';
import { schedulingMonth } from './scheduling-month.ts';
import { schedulingMoves } from './scheduling-moves.ts';
import { wholePath } from './whole-path.ts';

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  ceiling,
  atRest,
  ingestAlone,
  ingestChain,
  wholePath,
  carriedThrough,
  carriedThroughMany,
  outage,
  flat,
  memory,
  schedulingMonth,
  schedulingMoves,
  schedulingDeadlines,
];
