import { XMLParser } from 'fast-xml-parser';

/**
 * Entities are decoded here: the parser's own decoding counts them and refuses a list whose ETags stand in `&quot;`.
 * Blanks belong to keys.
 */
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  trimValues: false,
});

type Node = string | { readonly [name: string]: Node | readonly Node[] };

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** An element of an answer. */
export class XmlElement {
  readonly #node: Node;

  private constructor(node: Node) {
    this.#node = node;
  }

  /** The root, when it has that name; undefined when it has another, or it is no XML. */
  static root(bytes: Uint8Array, name: string): XmlElement | undefined {
    let document: Node;
    try {
      document = parser.parse(Buffer.from(bytes).toString('utf8')) as Node;
    } catch {
      // Proxies answer with HTML and worse: for whoever asks it is the same as no such root.
      return undefined;
    }
    return new XmlElement(document).all(name)[0];
  }

  /** The text of a child; undefined when there is none, or it is empty. */
  text(name: string): string | undefined {
    const [child] = this.all(name);
    return child === undefined || typeof child.#node !== 'string' || child.#node === ''
      ? undefined
      : decoded(child.#node);
  }

  all(name: string): XmlElement[] {
    if (typeof this.#node === 'string' || !Object.hasOwn(this.#node, name)) return [];
    const found = this.#node[name] ?? [];
    return (Array.isArray(found) ? (found as readonly Node[]) : [found as Node]).map(
      (node) => new XmlElement(node),
    );
  }
}

/** Text as it may stand in an element. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    (whole, hex, decimal, name) => {
      if (typeof name === 'string') return NAMED[name.toLowerCase()] ?? whole;
      const point = typeof hex === 'string' ? parseInt(hex, 16) : Number(decimal);
      return point <= 0x10_ff_ff ? String.fromCodePoint(point) : whole;
    },
  );
}
