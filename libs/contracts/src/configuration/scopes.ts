/** What a bearer token may do. Every operating endpoint names exactly one. */
export const SCOPES = [
  'quarantine:read',
  'quarantine:replay',
  'dead-letters:read',
  'dead-letters:replay',
  'results:read',
  'results:recompute',
  'results:import',
  'delivery:read',
  'delivery:replay',
  'delivery:control',
  'alerts:read',
  'alerts:control',
  'contacts:read',
  'contacts:write',
] as const;
export type Scope = (typeof SCOPES)[number];
