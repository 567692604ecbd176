/** For the test; the set-up itself runs before there is anything that reads types. */
export function withLock<T>(work: () => Promise<T>, options?: { readonly file?: string; readonly emptyMs?: number; readonly waitMs?: number }): Promise<T>;
