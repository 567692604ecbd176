import type { ChildProcess } from 'node:child_process';

const live = new Map<ChildProcess, string>();

export const track = (name: string, child: ChildProcess): void => void live.set(child, name);
export const untrack = (child: ChildProcess): void => void live.delete(child);

/** The processes started here that still run, as `name (pid)`: a test that leaves one behind has failed. */
export const processesLeft = (): string[] => [...live].map(([child, name]) => `${name} (${child.pid})`);
