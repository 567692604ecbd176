import { processTree, readOrNothing } from './processes.ts';

/** USER_HZ: the unit of /proc/<pid>/stat on every Linux that Node runs on. */
const TICK_MS = 10;
// Fields of /proc/<pid>/stat, counted behind the name in parentheses (which may contain anything).
const UTIME = 11;
const STIME = 12;
const CUTIME = 13;
const CSTIME = 14;

/**
 * CPU milliseconds of a process and its descendants so far, those that have ended and were waited for included (a
 * Postgres backend that closes takes its time with it into the postmaster's account).
 */
export function cpuMs(pid: number): number {
  return processTree(pid).reduce((sum, each) => sum + ownMs(each), 0);
}

function ownMs(pid: number): number {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  if (stat === '') return 0;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
  return TICK_MS * (fields[UTIME]! + fields[STIME]! + fields[CUTIME]! + fields[CSTIME]!);
}
