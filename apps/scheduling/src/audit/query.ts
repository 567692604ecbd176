import { formatInstant } from '@schoolbell/time';
import type { PrismaClient } from '../generated/client.ts';

/** The audit trail of a package: every transition, in the order in which they came true. */
export interface TransitionView {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly by: { id: string; role: string };
  readonly requestId: string | null;
  readonly lessonIds: string[];
  readonly body: Record<string, unknown>;
}

export async function listTransitions(
  prisma: Pick<PrismaClient, 'transition'>, packageId: string, after: string | undefined, limit: number,
): Promise<TransitionView[]> {
  const rows = await prisma.transition.findMany({
    where: { packageId, id: { gt: BigInt(after ?? 0) } }, orderBy: { id: 'asc' }, take: limit,
  });
  return rows.map(({ id, at, byId, byRole, body, type, requestId, lessonIds }) => ({
    id: String(id), at: formatInstant(at.getTime()), type, by: { id: byId, role: byRole }, requestId, lessonIds,
    body: body as Record<string, unknown>,
  }));
}
