import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeXml, XmlElement } from '../../../../src/infrastructure/storage/drivers/s3/client/xml.js';

const root = (text: string, name = 'R') => XmlElement.root(Buffer.from(text), name);

describe('XmlElement', () => {
  it('reads texts and lists, one item or many', () => {
    const list =
      '<?xml version="1.0"?><R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><A>1</A><A>02</A><B>x</B></R>';
    const element = root(list);
    expect(element?.all('A').length).toBe(2);
    expect([element?.text('A'), element?.text('B'), element?.text('C')]).toEqual(['1', 'x', undefined]);
    expect(
      root('<R><A><K>02</K></A></R>')
        ?.all('A')
        .map((item) => item.text('K')),
    ).toEqual(['02']);
  });

  it.each([
    ['&quot;abc&quot;', '"abc"'],
    ['&#34;a&#x22;', '"a"'],
    ['&amp;lt;', '&lt;'],
    ['&lt;&gt;&apos;', "<>'"],
    ['&nope;&#99999999;', '&nope;&#99999999;'],
  ])('decodes %s once', (written, meant) => {
    expect(root(`<R><A>${written}</A></R>`)?.text('A')).toBe(meant);
  });

  it('reads a list with more entities than a parser suspects of an attack', () => {
    const items = Array.from({ length: 5_000 }, (_, index) => `<A><E>&quot;${index}&quot;</E></A>`);
    expect(
      root(`<R>${items.join('')}</R>`)
        ?.all('A')
        .at(-1)
        ?.text('E'),
    ).toBe('"4999"');
  });

  it('takes an empty root for what it is, and another one or none for nothing', () => {
    expect(root('<R/>')).toBeDefined();
    expect(root('<R></R>')?.all('A')).toEqual([]);
    expect(root('<Error><Code>X</Code></Error>')).toBeUndefined();
    expect(root('<html><body>Bad gateway</html>')).toBeUndefined();
    expect(root('')).toBeUndefined();
    expect(root('{"a": 1}')).toBeUndefined();
  });

  it('never finds what belongs to objects of the language', () => {
    expect(root('<R/>', 'toString')).toBeUndefined();
    expect(root('<R><A>1</A></R>')?.text('constructor')).toBeUndefined();
  });
});

describe('escapeXml', () => {
  it('writes what is read back', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\p{Cc}\uFFFE\uFFFF]/u.test(value));
    fc.assert(
      fc.property(text, (value) => {
        expect(root(`<R><A>${escapeXml(value)}</A></R>`)?.text('A') ?? '').toBe(value);
      }),
    );
    expect(root(`<R><A>${escapeXml(' a\r\n\tb ')}</A></R>`)?.text('A')).toBe(' a\r\n\tb ');
  });
});
