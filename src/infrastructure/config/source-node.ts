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

/**
 * What is wrong with a name that has a colon in it, as in `{secretkey:x}`; undefined for others. What stands behind the
 * colon is not repeated: it is a value, and may be a secret.
 */
export function gluedName(name: string): { readonly name: string; readonly fault: string } | undefined {
  const colon = name.indexOf(':');
  if (colon === -1) return undefined;
  return { name: name.slice(0, colon), fault: 'has no value: the colon behind it needs a space after it' };
}
