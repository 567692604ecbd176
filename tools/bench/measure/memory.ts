import { processTree, readOrNothing } from './processes.ts';

const KIB = 1024;

/** Resident bytes of one process. */
export const residentBytes = (pid: number): number => field(`/proc/${pid}/status`, 'VmRSS');

/**
 * Bytes of a process and its descendants with what they share counted once (proportional set size): the only honest sum
 * for Postgres, whose processes all map the same buffers.
 */
export const proportionalBytes = (pid: number): number =>
  processTree(pid).reduce((sum, each) => sum + field(`/proc/${each}/smaps_rollup`, 'Pss'), 0);

function field(path: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readOrNothing(path));
  return match === null ? 0 : Number(match[1]) * KIB;
}
