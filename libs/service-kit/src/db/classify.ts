/**
 * What to do about a failed statement:
 * - `unavailable`: nothing is wrong with the work; try it again later.
 * - `deadlock`: run the transaction again at once.
 * - `data`: a value cannot be stored (22xxx, 54xxx); its neighbours can.
 * - `constraint`: a rule of the schema refused it (23xxx).
 * - `bug`: the statement is wrong.
 */
export type DatabaseFailure = 'unavailable' | 'deadlock' | 'data' | 'constraint' | 'bug';

interface Described {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: unknown;
  readonly severity?: unknown;
  readonly cause?: unknown;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } };
}

// Source: PostgreSQL, appendix A "Error Codes".
const RETRY_STATES = new Set(['40P01', '40001']);
/** Connection, authorization, resources, operator intervention, system; a read-only server after a failover. */
const UNAVAILABLE_STATE = /^(08|28|53|57|58)|^(25006|25P03|3D000|55P03)$/;
const SOCKET_CODES = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENOENT'.split(' '),
);
/** pg and pg-pool throw these without a code. */
const DRIVER_UNAVAILABLE =
  /^(timeout exceeded when trying to connect|Connection terminated|Client (has encountered a connection error|was closed)|Query read timeout|Cannot use a pool after calling end|timeout expired)/;
/** Prisma's own codes that are not about one statement. Source: prisma.io, "Error message reference". */
const PRISMA_UNAVAILABLE = new Set(['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
const PRISMA_CONSTRAINT = new Set(['P2002', 'P2003', 'P2004', 'P2011', 'P2014']);
const PRISMA_DATA = new Set(['P2000', 'P2006', 'P2020', 'P2033']);

/** Tell the kinds of failure of pg, pg-pool and Prisma apart. */
export function classifyDatabaseError(error: unknown): DatabaseFailure {
  if (typeof error !== 'object' || error === null) return 'bug';
  const described = error as Described;
  const state = sqlState(described);
  if (state !== undefined) return classifyState(state);
  if (typeof described.code === 'string') {
    if (SOCKET_CODES.has(described.code)) return 'unavailable';
    const prisma = classifyPrisma(described.code);
    if (prisma !== undefined) return prisma;
  }
  if (typeof described.message === 'string' && DRIVER_UNAVAILABLE.test(described.message)) return 'unavailable';
  return described.cause === undefined ? 'bug' : classifyDatabaseError(described.cause);
}

function classifyState(state: string): DatabaseFailure {
  if (RETRY_STATES.has(state)) return 'deadlock';
  if (UNAVAILABLE_STATE.test(state)) return 'unavailable';
  if (state.startsWith('23')) return 'constraint';
  if (state.startsWith('22') || state.startsWith('54')) return 'data';
  return 'bug';
}

function classifyPrisma(code: string): DatabaseFailure | undefined {
  if (code === 'P2034') return 'deadlock';
  if (PRISMA_UNAVAILABLE.has(code)) return 'unavailable';
  if (PRISMA_CONSTRAINT.has(code)) return 'constraint';
  return PRISMA_DATA.has(code) ? 'data' : undefined;
}

function sqlState({ code, severity, meta }: Described): string | undefined {
  // EPIPE looks like a SQLSTATE too: only the server's own errors have a severity.
  if (typeof code === 'string' && typeof severity === 'string') return code;
  const original = meta?.driverAdapterError?.cause?.originalCode;
  return typeof original === 'string' ? original : undefined;
}
