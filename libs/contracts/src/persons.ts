/** Roles that a person's bearer token may name. `admin` operates the services and takes no part in lessons. */
export const PERSON_ROLES = ['teacher', 'student', 'partner', 'manager', 'admin'] as const;
export type PersonRole = (typeof PERSON_ROLES)[number];
