import { Problem } from '@schoolbell/service-kit';
import type { z } from 'zod';

const CURSOR_MAX_LENGTH = 2_000;

/** Where a page ends, as opaque text. */
export const encodeCursor = (position: readonly unknown[]): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/** @throws {Problem} 400 when it is not a cursor of this list. */
export function decodeCursor<Position>(text: string | undefined, shape: z.ZodType<Position>): Position | undefined {
  if (text === undefined) return undefined;
  const parsed = shape.safeParse(text.length > CURSOR_MAX_LENGTH ? undefined : json(Buffer.from(text, 'base64url').toString('utf8')));
  if (parsed.success) return parsed.data;
  const detail = 'Take "next" of the page before, or leave "after" out to begin at the beginning.';
  throw new Problem({ status: 400, code: 'cursor-invalid', title: 'The cursor is not one of this list.', detail });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
