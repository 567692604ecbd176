/**
 * The kinds of package and what holds for each, as data: who may ask to move what, how many students, how long. Code asks
 * these tables, so a new kind or another permission is a changed row.
 */

export const PACKAGE_KINDS = ['trial', 'assessment', 'individual', 'group'] as const;
export type PackageKind = (typeof PACKAGE_KINDS)[number];

/** A frozen package keeps its lessons but holds none: whoever comes to its start while it is frozen awaits a new time. */
export const PACKAGE_STATES = ['active', 'frozen', 'completed', 'cancelled'] as const;
export type PackageState = (typeof PACKAGE_STATES)[number];
/** Neither over nor cancelled. */
export const isOpen = (state: PackageState): boolean => state === 'active' || state === 'frozen';

export { PERSON_ROLES as ROLES, type PersonRole as Role } from '@schoolbell/contracts';

/** Roles that take part in a negotiation: the two sides. */
export type SideRole = 'teacher' | 'student' | 'partner';

/** What a move request is about: one lesson, or all regular lessons from one on. */
export type Scope = 'lesson' | 'series';

export interface KindRules {
  /** Students of a package of this kind. */
  readonly seats: { readonly min: number; readonly max: number };
  /** Trial and assessment have no reserve weeks. */
  readonly hasReserveWeeks: boolean;
  /** Exactly one lesson, not a series. */
  readonly singleLesson: boolean;
  /** Who may ask for a move, and what of. */
  readonly mayMove: Readonly<Record<SideRole, readonly Scope[]>>;
}

const ONE_STUDENT = { min: 1, max: 1 };
const EVERYONE_A_LESSON = { teacher: ['lesson'], student: ['lesson'], partner: ['lesson'] } as const;

export const KIND_RULES: Readonly<Record<PackageKind, KindRules>> = {
  trial: { seats: ONE_STUDENT, hasReserveWeeks: false, singleLesson: true, mayMove: EVERYONE_A_LESSON },
  assessment: { seats: ONE_STUDENT, hasReserveWeeks: false, singleLesson: true, mayMove: EVERYONE_A_LESSON },
  individual: {
    seats: ONE_STUDENT,
    hasReserveWeeks: true,
    singleLesson: false,
    mayMove: { teacher: ['lesson', 'series'], student: ['lesson', 'series'], partner: ['lesson', 'series'] },
  },
  group: {
    seats: { min: 2, max: 6 },
    hasReserveWeeks: true,
    singleLesson: false,
    mayMove: { teacher: ['lesson', 'series'], student: ['lesson'], partner: ['lesson', 'series'] },
  },
};

/** May this role ask for a move of this scope in a package of this kind? */
export const mayMove = (kind: PackageKind, role: SideRole, scope: Scope): boolean =>
  KIND_RULES[kind].mayMove[role].includes(scope);
