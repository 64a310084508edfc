import type { SchemaObj } from 'convict';
import type { ValueFormat } from './value-format.js';

/** One key: convict's declaration with the way its value is read and shown. Null stands for "not set". */
export interface Setting<T = unknown> extends SchemaObj<T> {
  readonly doc: string;
  readonly reads: ValueFormat<T>;
  /** What applies when the default is not a fixed value, in words. */
  readonly otherwise?: string;
  /** An example where the default shows too little. */
  readonly example?: string;
  /** The name of Go's struct field, which is what an environment variable says, where it differs from the key. */
  readonly field?: string;
}

/** @param byDefault null for "not set" */
export function setting<T>(
  reads: ValueFormat<NonNullable<T>>,
  byDefault: T,
  doc: string,
  more: Pick<Setting, 'otherwise' | 'example' | 'field'> = {},
): Setting<T> {
  return {
    default: byDefault,
    nullable: byDefault === null,
    format(value: unknown): void {
      if (!reads.holds(value)) throw new TypeError(`must be ${reads.expected}`);
    },
    doc,
    reads,
    ...more,
  };
}
