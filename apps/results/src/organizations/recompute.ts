import type { AttemptPolicy } from '@schoolbell/contracts';
import type { PrismaClient } from '../generated/client.ts';

/** How far the learners of an organization are decided under what is in force. */
export interface RecomputeState {
  readonly policy: AttemptPolicy;
  readonly version: number;
  readonly learners: number;
  /** Learners that are still decided under an older version. */
  readonly waiting: number;
}

/** Deciding every learner of an organization anew from the attempts, paced, while webhooks come in. */
export interface Recompute {
  /** Undefined: no such organization. */
  state(organizationId: string): Promise<RecomputeState | undefined>;
  /** A higher version is all it takes: the job finds every learner that was decided under an older one. */
  begin(organizationId: string): Promise<void>;
}

export function createRecompute(prisma: Pick<PrismaClient, 'organization' | 'learner'>): Recompute {
  return {
    async state(organizationId) {
      const organization = await prisma.organization.findUnique({ where: { organizationId } });
      if (organization === null) return undefined;
      const { policy, version } = organization;
      const [learners, waiting] = await Promise.all([
        prisma.learner.count({ where: { organizationId } }),
        prisma.learner.count({ where: { organizationId, version: { not: version } } }),
      ]);
      // A check of the table allows nothing else.
      return { policy: policy as AttemptPolicy, version, learners, waiting };
    },
    async begin(organizationId) {
      await prisma.organization.update({ where: { organizationId }, data: { version: { increment: 1 } } });
    },
  };
}
