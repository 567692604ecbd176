/** Older servers lose whole streams on a crash (2.10.20-22) or lack settings that the services use. */
export const NATS_MINIMUM = '2.10.23';

/** The first `major.minor.patch` in a text such as `nats-server: v2.10.27`. */
export function parseVersion(text: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Whether a version such as `2.10.27` may serve. */
export function isRecentEnough(version: string, minimum: string = NATS_MINIMUM): boolean {
  const [a, b] = [version, minimum].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
