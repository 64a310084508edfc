import type { SourceNode } from './source-node.js';

/** How the value of a key is read, checked and shown. */
export interface ValueFormat<T> {
  /** What is right, as it ends "must be …". */
  readonly expected: string;
  /** @throws ValueRefused */
  read(node: SourceNode): T;
  /** Whether a typed value may stand here: defaults, and whatever reading has missed. */
  holds(value: unknown): boolean;
  /** The value as it is written in a file. */
  show(value: T): unknown;
}

/** The value is not what its key takes. The message ends a sentence that begins with the key: "must be …". */
export class ValueRefused extends Error {
  override readonly name = 'ValueRefused';
}
