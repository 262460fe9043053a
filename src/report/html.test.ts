import { describe, expect, it } from 'vitest';
import { dataText, html } from './html.ts';

describe('markup', () => {
  it('escapes whatever is put into it, in content and in attributes', () => {
    const hostile = `</script><img src=x onerror="alert('1')">&\``;
    expect(html`<td title="${hostile}">${hostile}</td>`.markup).toBe(
      '<td title="&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;&#96;">' +
        '&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;&#96;</td>',
    );
  });

  it('keeps markup as it is, joins lists and leaves out what is absent', () => {
    expect(
      html`<ul>${['a', 'b'].map((text) => html`<li>${text}</li>`)}${undefined}${false}${7}</ul>`.markup,
    ).toBe('<ul><li>a</li><li>b</li>7</ul>');
  });

  it('isolates text of any direction', () => {
    expect(dataText('محطة & 北京').markup).toBe('<bdi>محطة &amp; 北京</bdi>');
  });
});
