import { spawnSync } from 'node:child_process';
import { LocalStackError } from '../errors.ts';
import type { Account } from '../process/account.ts';

/** Tried in this order; nobody exists everywhere, so no account has to be made. */
const NAMES = ['postgres', 'nobody'];

/** Postgres refuses to run as root: the account it runs under then. Undefined: the one of this process. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of NAMES) {
    const fields = spawnSync('getent', ['passwd', name], { encoding: 'utf8' }).stdout?.split(':') ?? [];
    const [uid, gid] = [Number(fields[2]), Number(fields[3])];
    if (uid > 0) return { name, uid, gid };
  }
  throw new LocalStackError(
    'postgres-place',
    'Postgres does not run as root and this system has no account "postgres" or "nobody": start as an ordinary user, or set DATABASE_URL.',
  );
}

/** Whether the account may enter a folder. Asked of the system itself, which alone knows of ACLs and the like. */
export function canEnter(account: Account, directory: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'test -r "$1" && test -x "$1"', 'sh', directory], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
  });
  return status === 0;
}
