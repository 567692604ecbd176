import { readFileSync } from 'node:fs';

const LINES = 5;

/** The end of a log, indented, to stand below an error; empty when there is none. */
export function lastLines(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LINES).filter(Boolean);
    return lines.map((line) => `\n    ${line}`).join('');
  } catch {
    return '';
  }
}
