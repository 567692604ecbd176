import { existsSync } from 'node:fs';

/** Part of util-linux, which both Debian and Ubuntu always have. */
const SETPRIV = '/usr/bin/setpriv';
const hasSetpriv = existsSync(SETPRIV);

/**
 * Let the kernel end the child when this process dies, however it dies: a killed test run or start must not leave
 * servers behind. setpriv asks for the signal and then becomes the command, so the pid is the command's own.
 */
export function underDeathSignal(
  signal: NodeJS.Signals,
  command: string,
  args: readonly string[],
): { command: string; args: readonly string[] } {
  if (!hasSetpriv) return { command, args };
  return { command: SETPRIV, args: ['--pdeathsig', signal.replace(/^SIG/, ''), '--', command, ...args] };
}
