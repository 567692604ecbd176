import type { Api } from 'grammy';

/** grammY's types take the signal of a polyfill; at run time it is the platform's own. */
export const ended = (signal: AbortSignal | undefined) => signal as Parameters<Api['getMe']>[0];
