import type { ServiceName } from '@schoolbell/contracts';
import type { Receiver } from '../receiver/receiver.ts';

/** A running system under test. */
export interface BenchStack {
  /** Where the generator sends to. */
  readonly target: { readonly url: string; readonly secret: string };
  readonly receiver: Receiver;
  /** Where a service listens. */
  urlOf(service: ServiceName): string;
  /** JetStream's files. */
  readonly natsFolder: string;
  /** CPU milliseconds of each part so far. */
  cpu(): Record<string, number>;
  /** Resident bytes of each part; Postgres with its shared memory counted once. */
  memory(): Record<string, number>;
  /** The same with what processes share counted once, such as the program that five services run: these may be summed. */
  proportional(): Record<string, number>;
  /** Rows of ingest: one for each accepted webhook id. */
  acceptedWebhooks(): Promise<number>;
  /** Wait until every accepted webhook is in a summary that delivery knows of, delivered or not. */
  drained(): Promise<void>;
  /** Ask Postgres as its administrator. */
  ask<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}
