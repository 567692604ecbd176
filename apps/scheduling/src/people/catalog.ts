import type { PrismaClient } from '../generated/client.ts';
import type { ContractRow } from '../contracts/store.ts';
import type { Participant, ParticipantRole } from './store.ts';

/** Lists for people who arrange things. */

const PERSON = { id: true, role: true, zone: true, locale: true, version: true } as const;

export async function listParticipants(
  prisma: Pick<PrismaClient, 'participant'>, { role, after, limit }: { role?: ParticipantRole | undefined; after?: string | undefined; limit: number },
): Promise<Participant[]> {
  const rows = await prisma.participant.findMany({
    where: { ...(role === undefined ? {} : { role }), ...(after === undefined ? {} : { id: { gt: after } }) },
    orderBy: { id: 'asc' }, take: limit, select: PERSON,
  });
  return rows.map((row) => ({ ...row, role: row.role as ParticipantRole }));
}

export const listContracts = (prisma: Pick<PrismaClient, 'teacherContract'>, teacherId: string): Promise<ContractRow[]> =>
  prisma.teacherContract.findMany({
    where: { teacherId }, orderBy: [{ startsAt: 'asc' }, { id: 'asc' }], omit: { startsAt: true, endsAt: true, tzVersion: true },
  });
