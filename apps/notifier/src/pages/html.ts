/** Pieces of HTML. Whatever is not written here in the code goes through `escape`. */

/** Markup that is safe to be written out. */
export interface Html {
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
// Controls are not allowed in HTML at all; unpaired surrogates cannot be encoded.
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

const escape = (text: string): string => text.toWellFormed().replace(FORBIDDEN, '').replace(/[&<>"']/g, (character) => ENTITIES[character]!);

export type HtmlPart = Html | string | readonly Html[] | undefined;

/** A template whose values are escaped, unless they are HTML already. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  const written = strings.map((fixed, index) => fixed + write(values[index]));
  return { html: written.join('') };
}

function write(value: HtmlPart): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escape(value);
  return 'html' in value ? value.html : value.map((part) => part.html).join('');
}

/** Only addresses that lead to a page: nothing that a text could smuggle in as `javascript:`. */
export const href = (url: string): string => (/^https?:\/\//.test(url) ? url : 'about:blank');
