import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Copy the output of a child into its log and, line by line, to whoever watches. */
export function echoLines(child: ChildProcess, logFile: string, echo: (line: string) => void): void {
  const log = createWriteStream(logFile, { flags: 'a' });
  const streams = [child.stdout, child.stderr].filter((stream): stream is Readable => stream !== null);
  for (const stream of streams) {
    stream.pipe(log, { end: false });
    createInterface({ input: stream }).on('line', echo);
  }
  child.once('close', () => log.end());
}
