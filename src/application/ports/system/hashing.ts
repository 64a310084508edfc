import type { Digest, DigestAlgorithm } from '../../../domain/content/digest.js';

/** A hash over bytes that arrive one after another. It stays in the process that began it. */
export interface RunningHash {
  /** Adds chunks, which must not be changed afterwards. Resolves when more may follow; one call at a time. */
  update(chunks: readonly Uint8Array[]): Promise<void>;
  /** Whether it still needs chunks that it was given. */
  readonly holdsChunks: boolean;
  /** No bytes follow for now: it holds on to none of those it has got. */
  rest(): void;
  /** Ends it. Undefined when it was lost on the way: the bytes have to be read again. */
  digest(): Promise<Digest | undefined>;
  /** Gives it up. */
  drop(): void;
}

export interface Hashing {
  begin(algorithm: DigestAlgorithm): RunningHash;
  close(): Promise<void>;
}
