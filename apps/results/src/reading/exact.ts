/**
 * A decimal as a JSON number with exactly these digits: a sum of many scores can have more than a double holds. Only for
 * `JSON.stringify`; nothing can be reckoned with it.
 */
export const exactNumber = (text: string): number => (JSON as unknown as { rawJSON(text: string): number }).rawJSON(text);

/** Answer with such numbers: `JSON.stringify` writes what the schema of the answer only describes. */
export function exactly<Body>(reply: { serializer(write: (body: Body) => string): unknown }, body: Body): Body {
  reply.serializer(JSON.stringify);
  return body;
}
