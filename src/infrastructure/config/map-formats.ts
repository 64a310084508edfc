import { isNothing, type SourceNode, strayEntry } from './source-node.js';
import { type ValueFormat, ValueRefused } from './value-format.js';

type Fields = ReadonlyMap<string, unknown>;
type Headers = ReadonlyMap<string, readonly string[]>;

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MASK = '********';
/** RFC 9110 5.5: visible ASCII, blanks and tabs, none of them at the ends. Other bytes do not survive every proxy. */
const VALUE = /^[\x21-\x7e]+([ \t]+[\x21-\x7e]+)*$/;
/** These describe each answer; one value for all of them would break every one. */
const OF_ANSWERS = new Set(['connection', 'content-length', 'content-type', 'location', 'transfer-encoding']);
const OF_REQUESTS = new Set(['connection', 'content-length', 'transfer-encoding']);

/** Names with values of any kind: what stands on every log line. */
const fields: ValueFormat<Fields> = {
  expected: 'a map of names to values',
  read(node) {
    const entries = entriesOf(node, this.expected);
    return new Map([...entries].map(([name, value]) => [name, plain(value)]));
  },
  holds: (value) => value instanceof Map,
  show: (value) => Object.fromEntries(value),
};

/** Names of headers, in their canonical form (`X-Content-Type-Options`), with the list of their values. */
const headers: ValueFormat<Headers> = {
  expected: 'a map of header names to lists of values, as in X-Content-Type-Options: [nosniff]',
  read(node) {
    return readHeaders(node, this.expected, OF_ANSWERS, 'answer');
  },
  holds: (value) => value instanceof Map,
  show: (value) => Object.fromEntries(value),
};

/** The same for what is asked of others: the values may be credentials. */
const requestHeaders: ValueFormat<Headers> = {
  ...headers,
  expected: 'a map of header names to lists of values, as in X-Asked-By: [registry]',
  read(node) {
    return readHeaders(node, this.expected, OF_REQUESTS, 'request');
  },
  show: (value) => Object.fromEntries([...value].map(([name, values]) => [name, values.map(() => MASK)])),
};

function readHeaders(node: SourceNode, expected: string, reserved: ReadonlySet<string>, by: string): Headers {
  const found = new Map<string, readonly string[]>();
  for (const [name, values] of entriesOf(node, expected)) {
    const stray = strayEntry(name, values);
    if (stray !== undefined) {
      const subject = stray.name === undefined ? '' : `has ${stray.name}, which `;
      throw new ValueRefused(subject + stray.fault, values.origin);
    }
    if (!NAME.test(name))
      throw new ValueRefused(`has ${JSON.stringify(name)}, which is no name of a header`, values.origin);
    if (reserved.has(name.toLowerCase()))
      throw new ValueRefused(`has ${name}, which every ${by} sets for itself`, values.origin);
    const canonical = canonicalName(name);
    found.set(canonical, [...(found.get(canonical) ?? []), ...headerValues(name, values, by)]);
  }
  return found;
}

function headerValues(name: string, node: SourceNode, by: string): string[] {
  if (node.kind !== 'list') {
    // What is sent to others may be a credential, and is not repeated.
    const isShown = node.kind === 'scalar' && node.value !== null && by === 'answer';
    const written = isShown ? inList(node.text) : 'value';
    throw new ValueRefused(`must have a list for ${name}: write [${written}]`, node.origin);
  }
  return node.items.map((item) => {
    if (item.kind === 'scalar' && VALUE.test(item.text)) return item.text;
    throw new ValueRefused(`has a value for ${name} that cannot be sent in a header`, item.origin);
  });
}

/** As an item of a list in brackets: what is more than words needs quotes there, as `*` and `a, b`. */
function inList(text: string): string {
  return /^[A-Za-z][\w.-]*( [\w.-]+)*$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** As Go writes it, and so as clients of the reference registry have always seen it. */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (match) => match.toUpperCase());
}

function entriesOf(node: SourceNode, expected: string): ReadonlyMap<string, SourceNode> {
  if (node.kind === 'map') return node.entries;
  if (isNothing(node)) return new Map();
  throw new ValueRefused(`must be ${expected}`);
}

function plain(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([name, value]) => [name, plain(value)]));
}

/** The formats of values that are maps. */
export const mapFormats = { fields, headers, requestHeaders } as const;
