import { hash } from 'node:crypto';
import type { ResultData, VoidData } from '@schoolbell/contracts';
import type { ReceivedEvent, Refusal } from '@schoolbell/messaging';
import type { Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { isResult, register, type Attempt } from '../attempts/register.ts';
import { renderContent, renderMessage } from '../summaries/render.ts';
import { NO_TOTALS } from '../summaries/totals.ts';
import type { AttemptKey, LearnerKey } from './keys.ts';
import { gone, movesOf, sumMoves, type Move, type Sums } from './moves.ts';
import { byAttempt, byCourse, byLearner, byTest } from './order.ts';
import * as read from './read.ts';
import { attemptText, bestOf, decideStanding, learnerText, standingOf, testText, type Standing, type TestKey } from './standings.ts';
import * as write from './write.ts';

/**
 * Somebody else inserted a row of this batch meanwhile, or decided a learner under a newer version of the organization
 * than was read. Told to the caller as a serialization failure: run again.
 */
class Overtaken extends Error {
  readonly code = '40001';
  readonly severity = 'ERROR';
}

/** Folds what happened to attempts into the learners' summaries, a batch at a time. */
export interface Fold {
  /** Refuses attempts that the platform has told of another learner or test before. */
  apply(tx: Tx, events: readonly ReceivedEvent[]): Promise<readonly Refusal[]>;
  /** What `apply` would refuse today. Writes nothing. */
  foresee(tx: Tx, events: readonly ReceivedEvent[]): Promise<readonly Refusal[]>;
  /** Decide everything about these learners anew from their attempts, such as under a new policy. Keys sorted. */
  refold(tx: Tx, learners: readonly LearnerKey[]): Promise<void>;
}

type Organizations = ReadonlyMap<string, read.Organization>;

/** What is folded: locked learners, what they had, and what happened to their attempts. */
interface Work {
  readonly learners: readonly read.Learner[];
  /** Those of the learners who are decided anew from all their attempts. */
  readonly stale: readonly read.Learner[];
  readonly organizations: Organizations;
  readonly holders: readonly Standing[];
  readonly courses: readonly read.CourseTotals[];
  readonly changed: readonly Attempt[];
  /** What was written ahead on the same connection. It fails together with everything asked after it, and first. */
  readonly written: Promise<unknown>;
}

export interface FoldDeps {
  readonly clock: Clock;
  /** Called after the commit with what is to be told. Without it a relay finds it in the queue. */
  readonly told?: (summaries: readonly write.QueuedSummary[]) => void;
}

export function createFold({ clock, told = () => undefined }: FoldDeps): Fold {
  async function fold(tx: Tx, work: Work): Promise<void> {
    const { organizations } = work;
    const { moves, courses } = await decideMoves(tx, work);
    const sums = sumMoves(moves, work.learners, courses);
    const stale = new Set(work.stale.map(learnerText));
    const retold = work.learners.filter((learner) => sums.learners.has(learnerText(learner)) || stale.has(learnerText(learner)));
    const groups = groupByBounds(retold, organizations);
    const nowMs = clock.now();
    // One flight: the lists are read after the writes, because a connection answers in order. All are awaited together,
    // so that a lost connection rejects one promise and not several.
    const [, , ...lists] = await Promise.all([
      work.written,
      write.writeTestRows(tx, {
        standings: moves.flatMap(({ after }) => after ?? []).sort(byTest),
        gone: moves.flatMap(gone).sort(byTest),
        courses: sums.courses.toSorted(byCourse),
      }),
      ...groups.map((group) => read.summaryLists(tx, group.learners, group)),
    ]);
    const changes = groups.flatMap(({ learners }, group) =>
      learners.map((learner, index) => renderChange(learner, organizations.get(learner.organizationId)!.version, sums, lists[group]![index]!, nowMs)),
    );
    write.sendLearnerRows(tx, changes, nowMs, (queued) => tx.afterCommit(() => told(queued)));
  }

  async function writeAhead(tx: Tx, rows: { known: Attempt[]; fresh: Attempt[]; learners: read.Learner[] }): Promise<void> {
    const [attempts, learners] = await Promise.all([
      write.insertNewAttempts(tx, rows.fresh),
      write.insertNewLearners(tx, rows.learners, clock.now()),
      write.updateKnownAttempts(tx, rows.known),
    ]);
    if (attempts < rows.fresh.length || learners < rows.learners.length) {
      throw new Overtaken('a row of this batch was inserted by another replica, or its organization changed');
    }
  }

  return {
    async apply(tx, events) {
      const told = keysOf(events);
      const [known, organizations, locked, { holders, courses }] = await Promise.all([
        read.readAttemptsForUpdate(tx, told.attempts),
        read.organizations(tx, told.organizations),
        read.lockLearnerRows(tx, told.learners, told.voids),
        read.testsOf(tx, told.tests, told.voids),
      ]);
      const current = byText(known);
      const { changed, refusals } = registerAll(events, current, organizations);
      const isKnown = (attempt: Attempt): boolean => current.has(attemptText(attempt));
      const { learners, fresh } = learnersOf(changed, locked, organizations);
      await assertNotOvertaken(tx, learners, organizations);
      const written = writeAhead(tx, { known: changed.filter(isKnown), fresh: changed.filter((attempt) => !isKnown(attempt)), learners: fresh });
      // Awaited with what comes after it; a failure in between must not count as unhandled.
      written.catch(() => undefined);
      const stale = learners.filter(({ organizationId, version }) => version !== organizations.get(organizationId)!.version);
      await fold(tx, { learners, stale, organizations, holders, courses, changed, written });
      return refusals;
    },
    async foresee(tx, events) {
      const told = keysOf(events);
      const [known, organizations] = await Promise.all([read.readAttemptsForUpdate(tx, told.attempts), read.organizations(tx, told.organizations)]);
      return registerAll(events, byText(known), organizations).refusals;
    },
    async refold(tx, keys) {
      const organizations = await read.organizations(tx, [...new Set(keys.map(({ organizationId }) => organizationId))]);
      const learners = await read.lockLearnerRows(tx, keys);
      await assertNotOvertaken(tx, learners, organizations);
      await fold(tx, { learners, stale: learners, organizations, holders: [], courses: [], changed: [], written: Promise.resolve() });
    },
  };
}

/**
 * The organizations were read before the locks were had: whoever held a lock may have known a newer policy. A learner can
 * also be ahead for good, by a version that is not in force: stamped by an older release, or before the row of its
 * organization was lost. That one is as stale as any.
 */
async function assertNotOvertaken(tx: Tx, learners: readonly read.Learner[], organizations: Organizations): Promise<void> {
  const versionOf = ({ organizationId }: Pick<read.Learner, 'organizationId'>): number => organizations.get(organizationId)!.version;
  const ahead = learners.filter((learner) => learner.version > versionOf(learner));
  if (ahead.length === 0) return;
  const now = await read.organizations(tx, [...new Set(ahead.map(({ organizationId }) => organizationId))]);
  const overtaken = ahead.some((learner) => now.get(learner.organizationId)?.version !== versionOf(learner));
  if (overtaken) throw new Overtaken('a learner of this batch was decided under a newer version meanwhile');
}

/** What the events are about, without repeats. Attempts are sorted: they are locked in this order. */
function keysOf(events: readonly ReceivedEvent[]) {
  const data = events.map((event) => event.data as ResultData | VoidData);
  const results = data.filter(isResult);
  const distinct = <Key>(keys: readonly Key[], text: (key: Key) => string): Key[] => [...new Map(keys.map((key) => [text(key), key])).values()];
  return {
    attempts: distinct<AttemptKey>(data, attemptText).sort(byAttempt),
    organizations: [...new Set(data.map(({ organizationId }) => organizationId))],
    learners: distinct<LearnerKey>(results, learnerText),
    tests: distinct<TestKey>(results, testText),
    voids: data.filter((one) => !isResult(one)),
  };
}

const byText = (attempts: readonly Attempt[]): Map<string, Attempt> => new Map(attempts.map((attempt) => [attemptText(attempt), attempt]));

/** The attempts as they are after the events, sorted, where that is a change. */
function registerAll(events: readonly ReceivedEvent[], current: ReadonlyMap<string, Attempt>, organizations: Organizations) {
  const changed = new Map<string, Attempt>();
  const refusals: Refusal[] = [];
  for (const event of events) {
    const data = event.data as ResultData | VoidData;
    if (!organizations.has(data.organizationId)) {
      refusals.push({ event, code: 'organization-unknown', detail: `Organization "${data.organizationId}" is not configured: add it, then replay.` });
      continue;
    }
    const text = attemptText(data);
    const outcome = register(changed.get(text) ?? current.get(text), data);
    if (outcome.kind === 'conflict') refusals.push({ event, code: 'attempt-conflict', detail: outcome.detail });
    if (outcome.kind === 'changed') changed.set(text, outcome.attempt);
  }
  return { changed: [...changed.values()].sort(byAttempt), refusals };
}

/** Whose attempts changed. `fresh` are those of them who have no row yet, sorted. */
function learnersOf(changed: readonly Attempt[], locked: readonly read.Learner[], organizations: Organizations) {
  const rows = new Map(locked.map((learner) => [learnerText(learner), learner]));
  const learners = new Map<string, read.Learner>();
  const fresh: read.Learner[] = [];
  for (const { organizationId, facts } of changed) {
    if (facts === undefined) continue;
    const key = { organizationId, learnerId: facts.learnerId };
    const text = learnerText(key);
    if (learners.has(text)) continue;
    const row = rows.get(text);
    const learner = row ?? { ...key, revision: 0, version: organizations.get(organizationId)!.version, totals: NO_TOTALS, courses: 0, contentSha256: null };
    learners.set(text, learner);
    if (row === undefined) fresh.push(learner);
  }
  return { learners: [...learners.values()], fresh: fresh.sort(byLearner) };
}

/** What becomes of each test. Reads only where what is at hand does not decide it. */
async function decideMoves(tx: Tx, work: Work): Promise<{ moves: readonly Move[]; courses: readonly read.CourseTotals[] }> {
  const { courses, organizations, written } = work;
  const stale = new Set(work.stale.map(learnerText));
  const before = new Map(work.holders.map((standing) => [testText(standing), standing]));
  const after = new Map<string, Standing | undefined>();
  const lookAgain: TestKey[] = [];
  for (const [text, { key, attempts }] of attemptsByTest(work.changed)) {
    if (stale.has(learnerText(key))) continue;
    const decision = decideStanding(organizations.get(key.organizationId)!.policy, before.get(text), attempts);
    if (decision.kind === 'is') after.set(text, decision.standing);
    else lookAgain.push(key);
  }
  if (lookAgain.length === 0 && stale.size === 0) return { moves: movesOf(before, after), courses };

  const [, again, staleHolders, staleAttempts, staleCourses] = await Promise.all([
    written,
    read.attemptsOfTests(tx, lookAgain),
    read.standingsOfLearners(tx, work.stale),
    read.attemptsOfLearners(tx, work.stale),
    read.courseTotalsOfLearners(tx, work.stale),
  ]);
  for (const holder of staleHolders) before.set(testText(holder), holder);
  for (const key of [...lookAgain, ...staleHolders]) after.set(testText(key), undefined);
  const standings = [...again, ...staleAttempts].map((attempt) => standingOf(attempt)!);
  for (const [text, ofTest] of Map.groupBy(standings, testText)) {
    after.set(text, bestOf(organizations.get(ofTest[0]!.organizationId)!.policy, ofTest));
  }
  return { moves: movesOf(before, after), courses: [...courses, ...staleCourses] };
}

function attemptsByTest(changed: readonly Attempt[]): Map<string, { key: TestKey; attempts: Attempt[] }> {
  const tests = new Map<string, { key: TestKey; attempts: Attempt[] }>();
  for (const attempt of changed) {
    if (attempt.facts === undefined) continue;
    const { learnerId, courseId, testId } = attempt.facts;
    const key = { organizationId: attempt.organizationId, learnerId, courseId, testId };
    const text = testText(key);
    const entry = tests.get(text);
    if (entry === undefined) tests.set(text, { key, attempts: [attempt] });
    else entry.attempts.push(attempt);
  }
  return tests;
}

function renderChange(learner: read.Learner, version: number, sums: Sums, lists: read.Lists, nowMs: number): write.LearnerChange {
  const { organizationId, learnerId } = learner;
  const { totals, courses } = sums.learners.get(learnerText(learner)) ?? learner;
  // Whoever never had a test that counts was never told anything that zeros would take back.
  if (learner.revision === 0 && totals.testsCompleted === 0) return { ...learner, version, body: undefined };
  const content = renderContent({ organizationId, learnerId, totals, courseCount: courses, ...lists });
  const contentSha256 = hash('sha256', content, 'hex');
  const next = { organizationId, learnerId, version, totals, courses, contentSha256 };
  if (contentSha256 === learner.contentSha256) return { ...next, revision: learner.revision, body: undefined };
  const revision = learner.revision + 1;
  return { ...next, revision, body: renderMessage(next, revision, nowMs, content) };
}

/** Learners by the bounds of their organization's lists: usually one group, also of several organizations. */
function groupByBounds(learners: readonly read.Learner[], organizations: Organizations) {
  const organizationOf = ({ organizationId }: read.Learner): read.Organization => organizations.get(organizationId)!;
  const groups = Map.groupBy(learners, (learner) => `${organizationOf(learner).testsMax} ${organizationOf(learner).coursesMax}`);
  return [...groups.values()].map((group) => {
    const { testsMax, coursesMax } = organizationOf(group[0]!);
    return { testsMax, coursesMax, learners: group };
  });
}
