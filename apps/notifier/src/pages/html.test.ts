import { describe, expect, it } from 'vitest';
import { href, html } from './html.ts';

describe('html', () => {
  it('escapes every value, in text and in attributes', () => {
    const hostile = `"><script>alert('x')</script>&\u0000\u001b`;
    expect(html`<a title="${hostile}">${hostile}</a>`.html).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</a>',
    );
  });
  it('keeps what is HTML already, lists and what is absent', () => {
    expect(html`<p>${html`<b>${'<'}</b>`}${[html`1`, html`2`]}${undefined}</p>`.html).toBe('<p><b>&lt;</b>12</p>');
  });
  it('leads nowhere but to a page', () => expect(['https://a.example/x', 'javascript:alert(1)', '//a.example'].map(href)).toEqual(['https://a.example/x', 'about:blank', 'about:blank']));
});
