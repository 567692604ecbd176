/** A wait that somebody may end. Whoever waits at the same time waits for the same end. */
export interface Pause {
  /** Resolves after `ms`, or when it is cut. */
  wait(ms: number): Promise<void>;
  cut(): void;
}

export function createPause(): Pause {
  let waiting: Promise<void> | undefined;
  let end: (() => void) | undefined;
  return {
    wait: (ms) =>
      (waiting ??= new Promise((resolve) => {
        const timer = setTimeout(() => end?.(), ms);
        end = () => {
          clearTimeout(timer);
          waiting = end = undefined;
          resolve();
        };
      })),
    cut: () => end?.(),
  };
}
