import type { ValueOrigin } from '../../application/ports/system/configuration-reader.js';
import type { SourceNode } from './source-node.js';

/** How the value of a key is read, checked and shown. */
export interface ValueFormat<T> {
  /** What is right, as it ends "must be …". */
  readonly expected: string;
  /** Whether what is written says no more than if the key were not there. */
  saysNothing?(node: SourceNode): boolean;
  /** @throws ValueRefused */
  read(node: SourceNode): T;
  /** Whether a typed value may stand here: defaults, and whatever reading has missed. */
  holds(value: unknown): boolean;
  /** The value as it is written in a file. */
  show(value: T): unknown;
  /** Of a list of maps, the keys that each of them has. */
  readonly items?: Readonly<Record<string, ItemKey>>;
}

/** A key of the maps in a list. */
export interface ItemKey<T = unknown> {
  readonly reads: ValueFormat<T>;
  /** Undefined: it must be there. */
  readonly byDefault: T | undefined;
  readonly doc: string;
}

/** The value is not what its key takes. The message ends a sentence that begins with the key: "must be …". */
export class ValueRefused extends Error {
  override readonly name = 'ValueRefused';
  /** The place of the part that is wrong, where it is only a part. */
  readonly origin: ValueOrigin | undefined;
  /** What stands behind the key to name that part, as `[0].interval`. */
  readonly within: string;

  constructor(message: string, origin?: ValueOrigin, within = '') {
    super(message);
    this.origin = origin;
    this.within = within;
  }
}

/** The same, where an empty text says as much as a key that is not there: generated files leave keys empty. */
export function emptyIsNothing<T>(format: ValueFormat<T>): ValueFormat<T> {
  return { ...format, saysNothing: (node) => node.kind === 'scalar' && node.text === '' };
}
