import { Problem } from '@schoolbell/service-kit';
import type { Cursor } from '../lessons/query.ts';
import { Uuid } from './schemas.ts';

/** A cursor is readable on purpose: the sort key of the last row, and its id. */
export const cursorText = ({ at, id }: Cursor): string => `${at}~${id}`;

export function cursorOf(after: string | undefined): Cursor | undefined {
  if (after === undefined) return undefined;
  const [at, id] = after.split('~');
  // Thirteen digits end with the year 2286: later ones have no text that the database reads.
  if (at === undefined || !/^\d{1,13}$/.test(at) || !Uuid.safeParse(id).success) {
    throw new Problem({
      status: 400, code: 'cursor-invalid', title: 'This is no cursor of a page.', detail: 'Send `next` of the page before, or nothing for the first page.',
    });
  }
  return { at: Number(at), id: id as string };
}
