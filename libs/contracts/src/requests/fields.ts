import { z } from 'zod';

/** Longest list of a reply. */
export const REPLY_ITEMS_MAX = 100;
const REPLY_TEXT_MAX_LENGTH = 500;

export const instant = z.iso.datetime();
export const count = z.int().nonnegative();
export const limit = z.int().min(1).max(REPLY_ITEMS_MAX).default(20);
/** Texts of other people in a reply are cut by whoever answers. */
export const replyText = z.string().transform((text) => (text.length > REPLY_TEXT_MAX_LENGTH ? `${text.slice(0, REPLY_TEXT_MAX_LENGTH - 1)}…` : text));
/** Who asked for it, for the records of the service: `telegram 42 Anna`. */
export const by = z.string().min(1).max(200);
