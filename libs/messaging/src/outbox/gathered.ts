import type { PendingMessage } from '../relay/ledger.ts';

/** How long rows gather: what comes together is one round of the relay, and often one message. Nothing that is told by the outbox is awaited by the millisecond. */
const GATHER_MS = 20;
/** Rows that gather no longer. */
const ENOUGH = 256;

type Offer = (stream: string, rows: readonly PendingMessage[]) => void;

/** `offer` with what was offered within 20 ms. What an end of the process leaves here is found in its ledger. */
export function gathered(offer: Offer): Offer {
  let waiting: { readonly stream: string; readonly row: PendingMessage }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const all = waiting;
    waiting = [];
    for (const [stream, entries] of Map.groupBy(all, (entry) => entry.stream)) offer(stream, entries.map(({ row }) => row));
  };
  return (stream, rows) => {
    for (const row of rows) waiting.push({ stream, row });
    if (waiting.length >= ENOUGH) flush();
    else timer ??= setTimeout(flush, GATHER_MS).unref();
  };
}
