import type { Message } from '../message/compose.ts';
import type { Spent } from './decide.ts';

/** A claimed row: the right, until `leaseUntil`, to send one message. */
export interface Job extends Message, Spent {
  readonly destinationId: string;
  /** To whom the destination belonged when it was claimed. */
  readonly organizationId: string;
  readonly token: string;
  readonly leaseUntil: number;
  /** Of the destination when it was claimed. */
  readonly generation: number;
}
