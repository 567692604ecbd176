import type { Pass, WallTime } from '@schoolbell/time/zones';
import type { Scope } from '../packages/kinds.ts';
import type { Actor } from './state.ts';

/** A new time as people pick it: a wall clock in the package's zone, and which pass of a repeated hour. */
export interface NewTime {
  readonly wall: WallTime;
  readonly pass?: Pass;
}

interface By {
  readonly by: Actor;
}

/** Everything that can be asked of a scene. A person's command names the offer it answers, so a stale page changes nothing. */
export type Command =
  | { readonly type: 'tick' }
  | ({
      readonly type: 'request';
      readonly requestId: string;
      readonly scope: Scope;
      /** The chosen lesson; a series move starts with it. */
      readonly lessonId: string;
      readonly to: NewTime;
      /** Lessons left out of a series move by consent. */
      readonly without: readonly string[];
    } & By)
  | ({ readonly type: 'propose'; readonly requestId: string; readonly to: NewTime } & By)
  | ({ readonly type: 'approve'; readonly requestId: string; readonly offer: number; readonly without: readonly string[] } & By)
  | ({
      readonly type: 'counter';
      readonly requestId: string;
      readonly offer: number;
      /** Of the lesson that is named, else of the first of the offer as it was made. */
      readonly to: NewTime;
      readonly ofLesson?: string;
      readonly without: readonly string[];
    } & By)
  | ({ readonly type: 'decline'; readonly requestId: string; readonly offer: number; readonly reason?: string } & By)
  | ({ readonly type: 'withdraw'; readonly requestId: string; readonly reason?: string } & By)
  | ({ readonly type: 'restore'; readonly requestId: string } & By)
  /** The teacher was replaced, the package frozen or refunded, the group changed. */
  | ({ readonly type: 'close'; readonly requestId: string; readonly reason: string } & By)
  | ({ readonly type: 'set-time'; readonly lessonId: string; readonly to: NewTime } & By)
  | ({ readonly type: 'extend-limit'; readonly lessonId: string; readonly limit: number; readonly requestId: string } & By)
  | ({ readonly type: 'cancel'; readonly lessonId: string; readonly reason: string } & By)
  /** Who did not come, by their ids; or that the lesson was held. */
  | ({ readonly type: 'report'; readonly lessonId: string; readonly outcome: 'missed'; readonly absent: readonly string[] } & By)
  | ({ readonly type: 'report'; readonly lessonId: string; readonly outcome: 'held' } & By);

export type CommandType = Command['type'];
export type CommandOf<Type extends CommandType> = Extract<Command, { type: Type }>;
