/** How often a line of progress is printed where lines stay, and where one line is written over. */
const PLAIN_EVERY_MS = 5_000;
const TERMINAL_EVERY_MS = 200;

export interface ProgressPrinter {
  update(state: { lines: number; offset: number; rejected: number }): void;
  end(): void;
}

/** Lines done, rate, share of the bytes and time left. On a terminal one line that is written over. */
export function createProgressPrinter(options: {
  totalBytes: number;
  from: { lines: number; offset: number };
  terminal: boolean;
  write: (text: string) => void;
  nowMs: () => number;
}): ProgressPrinter {
  const { totalBytes, from, terminal, write, nowMs } = options;
  const startedMs = nowMs();
  let printedMs = startedMs;
  return {
    update(state) {
      const now = nowMs();
      if (now - printedMs < (terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)) return;
      printedMs = now;
      const text = describeProgress({ ...state, totalBytes, from, elapsedMs: now - startedMs });
      write(terminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    end() {
      if (terminal && printedMs !== startedMs) write('\r\u001b[K');
    },
  };
}

export function describeProgress(state: {
  lines: number;
  offset: number;
  rejected: number;
  totalBytes: number;
  from: { lines: number; offset: number };
  elapsedMs: number;
}): string {
  const { lines, offset, rejected, totalBytes, from, elapsedMs } = state;
  const seconds = Math.max(elapsedMs, 1) / 1_000;
  const bytesPerSecond = (offset - from.offset) / seconds;
  const left = bytesPerSecond > 0 ? Math.ceil((totalBytes - offset) / bytesPerSecond) : undefined;
  const percent = totalBytes === 0 ? 100 : Math.floor((100 * offset) / totalBytes);
  return (
    `${lines.toLocaleString('en')} lines, ${percent} %, ${Math.round((lines - from.lines) / seconds).toLocaleString('en')} lines/s` +
    (left === undefined ? '' : `, ${left} s left`) +
    (rejected === 0 ? '' : `, ${rejected.toLocaleString('en')} left out`)
  );
}
