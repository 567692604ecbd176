import type { Database } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { PrismaClient } from '../generated/client.ts';
import type { Tell } from '../store/perform.ts';

/** What the routes stand on. */
export interface ApiDeps {
  readonly db: Database;
  /** For lists and other reads that hold no lock. */
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly tell: Tell;
}
