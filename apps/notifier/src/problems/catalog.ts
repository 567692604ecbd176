import type { PrismaClient, Problem as Row } from '../generated/client.ts';

/** A page of problems: newest fingerprints first. */
export interface ProblemFilter {
  readonly state?: string | undefined;
  readonly severity?: string | undefined;
  readonly kind?: string | undefined;
  readonly service?: string | undefined;
  /** Id of the last one of the page before. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

export interface Catalog {
  list(filter: ProblemFilter): Promise<ProblemView[]>;
  /** What is firing, critical ones first, and how many there are. */
  open(limit: number): Promise<{ total: number; items: ProblemView[] }>;
  find(id: bigint): Promise<(ProblemView & { readonly history: HistoryView[] }) | undefined>;
}

export type ProblemView = ReturnType<typeof viewOf>;
export interface HistoryView {
  readonly eventId: string;
  readonly state: string;
  readonly detail: string;
  readonly at: string;
}

const HISTORY_MAX = 50;

export function createCatalog(prisma: PrismaClient): Catalog {
  return {
    async list({ state, severity, kind, service, before, limit }) {
      const rows = await prisma.problem.findMany({
        where: {
          // Every start of a service says that its configuration is well: the end of nothing is no problem.
          total: { gt: 0 },
          ...(state !== undefined && { state }),
          ...(severity !== undefined && { severity }),
          ...(kind !== undefined && { kind }),
          ...(service !== undefined && { service }),
          ...(before !== undefined && { id: { lt: before } }),
        },
        orderBy: { id: 'desc' },
        take: limit,
      });
      return rows.map(viewOf);
    },
    async open(limit) {
      const where = { state: 'firing', total: { gt: 0 } };
      const [total, rows] = await Promise.all([
        prisma.problem.count({ where }),
        prisma.problem.findMany({ where, orderBy: [{ severity: 'asc' }, { id: 'desc' }], take: limit }),
      ]);
      return { total, items: rows.map(viewOf) };
    },
    async find(id) {
      const row = await prisma.problem.findUnique({ where: { id } });
      if (row === null) return undefined;
      const alerts = await prisma.alert.findMany({ where: { fingerprint: row.fingerprint }, orderBy: { id: 'desc' }, take: HISTORY_MAX });
      return { ...viewOf(row), history: alerts.map(({ eventId, state, detail, at }) => ({ eventId, state, detail, at: at.toISOString() })) };
    },
  };
}

function viewOf(row: Row) {
  const { id, fingerprint, kind, service, severity, title, detail, labels, state, total, untold, firstAt, lastAt, resolvedAt, toldAt, acknowledgedAt, acknowledgedBy, mutedUntil, escalations } = row;
  return {
    id: id.toString(),
    fingerprint,
    kind,
    service,
    severity,
    title,
    detail,
    labels: labels as Record<string, string>,
    state,
    alerts: total,
    untold,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    toldAt: toldAt?.toISOString() ?? null,
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
    acknowledgedBy,
    mutedUntil: mutedUntil?.toISOString() ?? null,
    escalations,
  };
}
