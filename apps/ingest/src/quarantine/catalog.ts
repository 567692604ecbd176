import type { PrismaClient } from '../generated/client.ts';
import { formatInstant } from '@schoolbell/time';
import type { FieldError } from '../webhooks/canonical.ts';
import type { KnownFields } from '../webhooks/known-fields.ts';

export interface QuarantineFilter {
  readonly source?: string | undefined;
  readonly reason?: string | undefined;
  readonly state: 'open' | 'replayed' | 'superseded' | 'ignored';
  readonly receivedFrom?: string | undefined;
  readonly receivedBefore?: string | undefined;
}

/** A quarantined webhook as it may be shown: known fields only, never its body. */
export interface QuarantineEntry {
  readonly id: string;
  readonly source: string;
  readonly webhookId: string;
  readonly reason: string;
  readonly errors: FieldError[];
  readonly known: KnownFields;
  readonly state: QuarantineFilter['state'];
  readonly times: number;
  readonly receivedAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  readonly closedAt: string | null;
}

export interface QuarantineCatalog {
  /** Oldest first, after the row `after`. */
  list(filter: QuarantineFilter, page: { after?: string | undefined; limit: number }): Promise<QuarantineEntry[]>;
  /** Ids only, for a replay. */
  ids(filter: QuarantineFilter, page: { after?: string | undefined; limit: number }): Promise<string[]>;
  /** Ids only, those first that no replay has looked at for longest. */
  leastLookedAt(filter: QuarantineFilter, limit: number): Promise<string[]>;
  count(filter: QuarantineFilter): Promise<number>;
  find(id: string): Promise<QuarantineEntry | undefined>;
}

// Never the body: it is encrypted, large, and nobody's business here.
const HIDDEN = { body: true, bodySha256: true, keyId: true } as const;
const LEAST_LOOKED_AT = { lookedAt: { sort: 'asc' as const, nulls: 'first' as const } };
const ORDER = [{ receivedAt: 'asc' as const }, { id: 'asc' as const }];

export function createCatalog(prisma: Pick<PrismaClient, 'quarantine'>): QuarantineCatalog {
  const table = prisma.quarantine;

  async function after(id: string | undefined) {
    if (id === undefined) return {};
    const row = await table.findUnique({ where: { id }, select: { receivedAt: true } });
    if (row === null) return {};
    return { OR: [{ receivedAt: { gt: row.receivedAt } }, { receivedAt: row.receivedAt, id: { gt: id } }] };
  }

  return {
    async list(filter, page) {
      const rows = await table.findMany({
        where: { AND: [where(filter), await after(page.after)] },
        orderBy: ORDER,
        take: page.limit,
        omit: HIDDEN,
      });
      return rows.map(toEntry);
    },
    async ids(filter, page) {
      const rows = await table.findMany({
        where: { AND: [where(filter), await after(page.after)] },
        orderBy: ORDER,
        take: page.limit,
        select: { id: true },
      });
      return rows.map(({ id }) => id);
    },
    async leastLookedAt(filter, limit) {
      const rows = await table.findMany({ where: where(filter), orderBy: [LEAST_LOOKED_AT, ...ORDER], take: limit, select: { id: true } });
      return rows.map(({ id }) => id);
    },
    count: (filter) => table.count({ where: where(filter) }),
    async find(id) {
      const row = await table.findUnique({ where: { id }, omit: HIDDEN });
      return row === null ? undefined : toEntry(row);
    },
  };
}

function where({ source, reason, state, receivedFrom, receivedBefore }: QuarantineFilter) {
  return {
    state,
    ...(source !== undefined && { source }),
    ...(reason !== undefined && { reason }),
    receivedAt: { ...(receivedFrom !== undefined && { gte: receivedFrom }), ...(receivedBefore !== undefined && { lt: receivedBefore }) },
  };
}

interface Row {
  readonly id: string;
  readonly source: string;
  readonly webhookId: string;
  readonly reason: string;
  readonly errors: unknown;
  readonly known: unknown;
  readonly state: string;
  readonly times: number;
  readonly receivedAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
}

function toEntry(row: Row): QuarantineEntry {
  return {
    id: row.id,
    source: row.source,
    webhookId: row.webhookId,
    reason: row.reason,
    errors: row.errors as FieldError[],
    known: row.known as KnownFields,
    state: row.state as QuarantineEntry['state'],
    times: row.times,
    receivedAt: instant(row.receivedAt),
    lastSeenAt: instant(row.lastSeenAt),
    expiresAt: instant(row.expiresAt),
    closedAt: row.closedAt === null ? null : instant(row.closedAt),
  };
}

function instant(date: Date): string {
  return formatInstant(date.getTime());
}
