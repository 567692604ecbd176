// What differs between a row and its copy: whose name stands in it, and its ids. Both are changed so that the original
// can be told from the copy, which is how the copies are checked: see `check.ts`.

/** Names of people: the template's letters, the number of the copy, then which person. The template itself is copy 0. */
export const personName = (template: string, person: string, copy = 0): string => `${template}${copy}-${person}`;

/** A shared secret of the bench's own, as in development. It protects nothing: everything listens on loopback. */
export const JWT_SECRET = 'tokens of the bench, which are worth nothing';

/** Steps of the prefix from copy to copy: odd, so that each prefix comes once in 65,536. */
const PREFIX_STEP = 40_503;
const PREFIXES = 65_536;

const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0');

/** The first four digits spread the copies of a row over the index, as ids made by chance are; the last six name the copy. */
export const prefixOf = (copy: number): string => hex((copy * PREFIX_STEP) % PREFIXES, 4);
export const suffixOf = (copy: number): string => hex(copy, 6);

/** The id of a copied row. */
export const copiedId = (id: string, copy: number): string => (copy === 0 ? id : prefixOf(copy) + id.slice(4, -6) + suffixOf(copy));

const UUID = /\b[0-9a-f]{4}([0-9a-f]{4}(?:-[0-9a-f]{4}){3}-[0-9a-f]{6})[0-9a-f]{6}\b/g;

/** Any text with ids and names, such as a whole row as JSON, as its copy has it. */
export const copiedText = (text: string, template: string, copy: number): string =>
  text.replace(UUID, `${prefixOf(copy)}$1${suffixOf(copy)}`).replaceAll(`${template}0-`, `${template}${copy}-`);
