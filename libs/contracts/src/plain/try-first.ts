// Every webhook is checked at the edge and its event again at each consumer, and nearly every one is valid in the
// plainest way: a dozen short fields. A hand-written look takes a small part of the time that the schema takes to say
// the same. It may only accept what is plainly valid; whatever else it sees, the schema decides, and describes.
import type { z } from 'zod';

/**
 * The schema itself, whose `safeParse` asks `read` first. `read` returns exactly what the schema would, or undefined to
 * leave the answer to it. Schemas derived from this one, and schemas that contain it, know nothing of `read`.
 */
export function tryFirst<Schema extends z.ZodType>(schema: Schema, read: (value: unknown) => z.output<Schema> | undefined): Schema {
  const complete = schema.safeParse;
  const safeParse: typeof complete = (value, context) => {
    const data = read(value);
    return data === undefined ? complete.call(schema, value, context) : { success: true, data };
  };
  Object.defineProperty(schema, 'safeParse', { value: safeParse });
  return schema;
}
