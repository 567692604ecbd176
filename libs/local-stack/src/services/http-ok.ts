import { get } from 'node:http';

const TIMEOUT_MS = 2000;

/** Whether an address answers 200 now. On a connection of its own, so that nothing is left open. */
export function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
