import { bearerToken, type Role } from './token.ts';

const TIMEOUT_MS = 10_000;

/** Calls of the scheduling API, one by one: for making what is measured, not for measuring. */
export interface Client {
  /** @throws when the answer is no 2xx. */
  call<Body>(as: { id: string; role: Role }, method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<Body>;
}

export const MANAGER = { id: 'bench-manager', role: 'manager' } as const;

export function createClient(url: string): Client {
  return {
    async call<Body>(as: { id: string; role: Role }, method: string, path: string, body?: object) {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${bearerToken(as.id, as.role)}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
      return JSON.parse(text) as Body;
    },
  };
}

/** Run work for each item, `atOnce` at a time, and keep the order of the results. */
export async function forEachAtOnce<Item, Result>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!);
  }
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
