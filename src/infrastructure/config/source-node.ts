import type { ValueOrigin } from '../../application/ports/system/configuration-reader.js';

/** One value as it was written, with the place it came from. */
export type SourceNode = SourceScalar | SourceList | SourceMap;

export interface SourceScalar {
  readonly kind: 'scalar';
  /** What YAML makes of it. */
  readonly value: string | number | boolean | null;
  /** As written, without quotes: a value that is meant as text keeps its zeros (`0.10`). */
  readonly text: string;
  /** True when it stands in quotes, and so is text whatever it looks like. */
  readonly quoted: boolean;
  /** True when not even a colon stands behind the name: `{a, b: 1}`. */
  readonly isBare?: true;
  readonly origin: ValueOrigin;
}

export interface SourceList {
  readonly kind: 'list';
  readonly items: SourceNode[];
  readonly origin: ValueOrigin;
}

export interface SourceMap {
  readonly kind: 'map';
  readonly entries: Map<string, SourceNode>;
  readonly origin: ValueOrigin;
}

export function emptyMap(origin: ValueOrigin): SourceMap {
  return { kind: 'map', entries: new Map(), origin };
}

export function textScalar(text: string, origin: ValueOrigin): SourceScalar {
  return { kind: 'scalar', value: text, text, quoted: false, origin };
}

export function isNothing(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

/** The place as a sentence names it: `config.yml:12`, `REGISTRY_HTTP_ADDR`, `--addr`. */
export function placeOf(origin: ValueOrigin): string {
  switch (origin.kind) {
    case 'default':
      return 'built in';
    case 'file':
      return `${origin.path}:${origin.line}`;
    case 'environment':
      return origin.variable;
    case 'flag':
      return origin.flag;
  }
}

/** What is wrong with an entry that is one only because a value was not written as one. */
export interface StrayEntry {
  /** What of it is a name. Undefined: nothing. */
  readonly name: string | undefined;
  /** Ends a sentence on what is named, or else on what it stands in. */
  readonly fault: string;
}

/** Undefined for any other entry. The rest of it is not repeated: it belongs to a value, which may be a secret. */
export function strayEntry(name: string, node: SourceNode): StrayEntry | undefined {
  const colon = name.indexOf(':');
  if (colon !== -1) {
    return { name: name.slice(0, colon), fault: 'has no value: the colon behind it needs a space after it' };
  }
  if (node.kind !== 'scalar' || node.isBare !== true) return undefined;
  return {
    name: undefined,
    fault: 'has a word without a value that is no key: a value with a comma needs quotes',
  };
}
