import { resolveWall } from '@schoolbell/time/zones';
import { claimsOf, type Claim } from '../src/moves/claims.ts';
import type { Command } from '../src/moves/commands.ts';
import { decide, type Decision } from '../src/moves/decide.ts';
import type { MoveEvent } from '../src/moves/events.ts';
import { expiryOf } from '../src/moves/next-action.ts';
import { regularFrom } from '../src/moves/plan.ts';
import { openItems, openOffer, type Facts, type Lesson, type MoveRequest, type Scene } from '../src/moves/state.ts';

/** Several packages in memory, with the same choice of scene for a command that the store makes; and what must always hold. */
export interface World {
  readonly packages: Map<string, Facts>;
  readonly lessons: Map<string, Lesson>;
  readonly requests: Map<string, MoveRequest>;
}

export function sceneFor(world: World, command: Command & { lessonId?: string; requestId?: string }): Scene | undefined {
  const isNew = command.type === 'request' || command.type === 'extend-limit';
  const lesson = command.lessonId === undefined ? undefined : world.lessons.get(command.lessonId);
  const requestId = isNew || command.requestId === undefined ? lesson?.requestId : command.requestId;
  const request = requestId === undefined ? undefined : world.requests.get(requestId);
  if (request === undefined) {
    if (lesson === undefined) return undefined;
    const all = [...world.lessons.values()];
    const series = command.type === 'request' && command.scope === 'series' && lesson.status === 'scheduled';
    return { requests: [], lessons: series ? regularFrom(lesson, all) : [lesson] };
  }
  const lessons = [...world.lessons.values()].filter((one) => one.requestId === request.id || one.id === lesson?.id);
  return { requests: [request], lessons };
}

export const claimsOfWorld = (world: World): Claim[] =>
  [...world.packages.values()].flatMap((facts) =>
    claimsOf({
      lessons: [...world.lessons.values()].filter(({ packageId }) => packageId === facts.packageId),
      requests: [...world.requests.values()],
    }, facts));

/** What is ahead. A lesson that began is held by those who are in it, whoever joins or leaves meanwhile. */
export const claimsAhead = (world: World, now: number): Claim[] =>
  claimsOfWorld(world).filter(({ lessonId }) => !hasBegun(world.lessons.get(lessonId), now));
export const hasBegun = (lesson: Lesson | undefined, now: number): boolean => lesson?.status === 'scheduled' && lesson.start <= now;

/** Decide and keep the outcome. */
export function perform(world: World, command: Command, now: number): Decision | undefined {
  const scene = sceneFor(world, command);
  const packageId = scene?.lessons[0]?.packageId;
  if (scene === undefined || packageId === undefined) return undefined;
  const facts = world.packages.get(packageId) as Facts;
  const decision = decide(scene, command, now, { ...facts, busy: claimsOfWorld(world) });
  for (const lesson of decision.scene.lessons) world.lessons.set(lesson.id, lesson);
  for (const request of decision.scene.requests) world.requests.set(request.id, request);
  return decision;
}

/** What the poller does: everything that is due, in due order, one lesson at a time. */
export function poll(world: World, now: number): MoveEvent[] {
  const events: MoveEvent[] = [];
  for (;;) {
    const due = [...world.lessons.values()]
      .filter(({ next }) => next !== undefined && next.at <= now)
      .toSorted((one, other) => (one.next?.at ?? 0) - (other.next?.at ?? 0))[0];
    if (due === undefined) return events;
    const decision = perform(world, { type: 'tick', lessonId: due.id } as Command, now);
    if (decision === undefined || decision.events.length === 0 && world.lessons.get(due.id)?.next?.at === due.next?.at) {
      throw new Error(`the poller makes no progress with ${due.id}`);
    }
    events.push(...decision.events);
  }
}

/** Everything that is wrong with a world in which all that was due has been done. */
export function faults(world: World, now: number): string[] {
  const found: string[] = [];
  const fault = (what: string, condition: boolean): void => void (condition && found.push(what));
  for (const lesson of world.lessons.values()) {
    const request = world.requests.get(lesson.requestId ?? '');
    const item = openItems(openOffer(request)).find(({ lessonId }) => lessonId === lesson.id);
    const open = ['offered', 'awaiting', 'lapsed', 'scheduled'].includes(lesson.status);
    fault(`${lesson.id}: no next action`, open && lesson.next === undefined);
    fault(`${lesson.id}: next action is past`, lesson.next !== undefined && lesson.next.at <= now);
    fault(`${lesson.id}: offered without offer`, (lesson.status === 'offered') !== (item !== undefined));
    fault(`${lesson.id}: awaiting without thread`, lesson.status === 'awaiting' && request?.status !== 'waiting');
    fault(`${lesson.id}: claimed while ${lesson.status}`, !['offered', 'awaiting'].includes(lesson.status) && lesson.requestId !== undefined);
    fault(`${lesson.id}: offer past its deadline`, item !== undefined && request !== undefined && expiryOf(request, lesson, item) <= now);
    fault(`${lesson.id}: wall and instant disagree`, !lesson.keepsInstant && resolveWall(lesson.wall, lesson.zone, lesson.pass).instant !== lesson.start);
  }
  for (const request of world.requests.values()) {
    const claimed = [...world.lessons.values()].filter(({ requestId }) => requestId === request.id);
    const offers = request.offers.filter(({ status }) => status === 'open').length;
    fault(`${request.id}: ${offers} open offers while ${request.status}`, offers !== (request.status === 'offered' ? 1 : 0));
    fault(`${request.id}: closed without outcome`, (request.status === 'closed') !== (request.outcome !== undefined));
    fault(`${request.id}: claims ${claimed.length} while ${request.status}`, (request.status === 'closed') !== (claimed.length === 0));
    fault(`${request.id}: ${request.scope} of ${claimed.length}`, request.status !== 'closed' && (request.scope === 'series') !== (claimed.length > 1));
  }
  return [...found, ...doubleBookings(claimsAhead(world, now))];
}

/** What the database's exclusion constraint refuses. */
export function doubleBookings(claims: readonly Claim[]): string[] {
  const byPerson = Map.groupBy(claims, ({ participantId }) => participantId);
  return [...byPerson.values()].flatMap((held) => {
    const sorted = held.toSorted((one, other) => one.start - other.start);
    return sorted.flatMap((one, index) =>
      sorted.slice(index + 1).filter((other) => other.start < one.end && other.claim !== one.claim)
        .map((other) => `${one.participantId}: ${one.lessonId} and ${other.lessonId} overlap`));
  });
}
