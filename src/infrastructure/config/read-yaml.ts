import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, Scalar } from 'yaml';
import type { Document, Node, YAMLError, YAMLMap, YAMLSeq } from 'yaml';
import type { ValueOrigin } from '../../application/ports/system/configuration-reader.js';
import { type SourceMap, type SourceNode, type SourceScalar, emptyMap } from './source-node.js';

/** More values than any configuration has: aliases can make a small file explode. */
const MOST_NODES = 20_000;
const DEEPEST = 64;

/** Tags of YAML 1.1 that would turn what is written into something a configuration never wants. */
const UNWANTED_TAG = /:(timestamp|binary|set|omap|pairs)$/;

/** The text is no usable YAML. `line` is undefined where the parser knows none. */
export class YamlRefused extends Error {
  override readonly name = 'YamlRefused';
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads YAML 1.1 (the reference registry's: `yes` and `on` are true) into a tree that knows the line of each value.
 * `originAt` makes the origin of a value from its line. Undefined for an empty text.
 * @throws YamlRefused
 */
export function readYaml(text: string, originAt: (line: number) => ValueOrigin): SourceNode | undefined {
  const lines = new LineCounter();
  const document = parse(text, lines);
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) throw new YamlRefused(sentenceOf(fault, text), lineAt(fault.pos[0]));
  if (!document.contents) return undefined;
  return new TreeBuilder(document, lineAt, originAt).build(document.contents);
}

function parse(text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, {
      version: '1.1',
      schema: 'yaml-1.1',
      lineCounter,
      prettyErrors: false,
      customTags: (tags) =>
        tags.filter(
          (tag) => typeof tag === 'string' || !(UNWANTED_TAG.test(tag.tag) || tag.format === 'TIME'),
        ),
    });
  } catch (error) {
    // The parser recurses: nesting without end exhausts the stack.
    if (error instanceof RangeError) throw new YamlRefused('it is nested too deeply');
    throw error;
  }
}

/** Names of keys, and the message of the parser without what it quotes of the text: a value may be a secret. */
function sentenceOf({ code, message, pos: [at] }: YAMLError, text: string): string {
  if (/^<{7} /.test(text.slice(at))) return 'it has the marks of a merge conflict';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here (---), and one alone is read';
  const [name = ''] = /^[\w.-]+/.exec(text.slice(at)) ?? [];
  if (code === 'DUPLICATE_KEY' && name !== '')
    return `the key ${name} is there twice, and keys of a map must be unique`;
  const hint = 'a value that begins with !, | or > needs quotes';
  if (code === 'TAG_RESOLVE_FAILED') return `it has a tag that is not known; ${hint}`;
  const [sentence = ''] = message.split(/[:\n\\]/, 1);
  return sentence.startsWith('Block scalar header') ? `${sentence}; ${hint}` : sentence.trim();
}

class TreeBuilder {
  readonly #document: Document;
  readonly #lineAt: (offset: number) => number;
  readonly #originOf: (line: number) => ValueOrigin;
  #nodes = 0;

  constructor(
    document: Document,
    lineAt: (offset: number) => number,
    originOf: (line: number) => ValueOrigin,
  ) {
    this.#document = document;
    this.#lineAt = lineAt;
    this.#originOf = originOf;
  }

  build(node: Node, depth = 0): SourceNode {
    if (++this.#nodes > MOST_NODES) throw new YamlRefused(`it has more than ${MOST_NODES} values`);
    if (depth > DEEPEST) throw new YamlRefused('it is nested too deeply');
    const line = this.#lineOf(node);
    const origin = this.#originOf(line);
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      // It is not quoted: a text that begins so may be a password.
      if (!target)
        throw new YamlRefused('an alias has no anchor; a text that begins with * belongs in quotes', line);
      return this.build(target, depth + 1);
    }
    if (isMap(node)) return this.#map(node, origin, depth);
    if (isSeq(node)) return { kind: 'list', items: this.#items(node, depth), origin };
    return scalarOf(node, origin);
  }

  #items(node: YAMLSeq, depth: number): SourceNode[] {
    return node.items.map((item) => this.build(item as Node, depth + 1));
  }

  #map(node: YAMLMap, origin: ValueOrigin, depth: number): SourceMap {
    const map = emptyMap(origin);
    for (const { key, value } of node.items) {
      const line = this.#lineOf(key as Node);
      const name = keyText(key as Node, line);
      const keyOrigin = this.#originOf(line);
      const built = value ? this.build(value as Node, depth + 1) : nothingBehind(keyOrigin);
      // A value is looked for where its key stands, so that a section is found at its first line.
      if (name === '<<') this.#merge(map, built, line);
      else map.entries.set(name, { ...built, origin: keyOrigin });
    }
    return map;
  }

  /** YAML 1.1 merge keys: what is written beside them wins. */
  #merge(map: SourceMap, from: SourceNode, line: number): void {
    const sources = from.kind === 'list' ? from.items : [from];
    for (const source of sources) {
      if (source.kind !== 'map') throw new YamlRefused('a merge key (<<) needs a map', line);
      for (const [name, value] of source.entries) if (!map.entries.has(name)) map.entries.set(name, value);
    }
  }

  #lineOf(node: Node): number {
    return this.#lineAt(node.range?.[0] ?? 0);
  }
}

function keyText(key: Node, line: number): string {
  if (!isScalar(key))
    throw new YamlRefused('a key must be a word, and not in {}: was a placeholder left as it is?', line);
  return key.source ?? String(key.value);
}

function nothingBehind(origin: ValueOrigin): SourceScalar {
  return { kind: 'scalar', value: null, text: '', quoted: false, isBare: true, origin };
}

function scalarOf(node: Node, origin: ValueOrigin): SourceScalar {
  if (!isScalar(node)) throw new YamlRefused('a value of a kind that YAML does not have');
  const quoted = node.type !== undefined && node.type !== Scalar.PLAIN;
  const { value } = node;
  const text = typeof value === 'string' ? value : (node.source ?? String(value));
  if (value === null || typeof value === 'string' || typeof value === 'boolean') {
    return { kind: 'scalar', value, text, quoted, origin };
  }
  // Infinity and NaN have no place in JSON, where fields of log lines end up.
  const known = typeof value === 'number' && Number.isFinite(value) ? value : text;
  return { kind: 'scalar', value: known, text, quoted, origin };
}
