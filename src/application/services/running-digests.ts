import type { Hashing, RunningHash } from '../ports/system/hashing.js';
import type { DigestAlgorithm } from '../../domain/content/digest.js';
import type { UploadSession } from '../../domain/upload/upload-session.js';

/** A hash over the first `offset` bytes of a session. */
interface RunningDigest {
  readonly algorithm: DigestAlgorithm;
  readonly offset: number;
  readonly hash: RunningHash;
}

/** Forgotten sessions must not fill the memory; the one that is dropped is read again at its end. */
const MAX_SESSIONS = 10_000;

/**
 * Hashes of sessions between their requests. Node can not serialise a hash, so it stays in the process that made it:
 * who continues a session without it writes on unhashed, and the closing request reads the file once.
 */
export class RunningDigests {
  readonly #hashing: Hashing;
  readonly #bySession = new Map<string, RunningDigest>();

  constructor(hashing: Hashing) {
    this.#hashing = hashing;
  }

  /** The hash that covers what the session has, which the caller now owns; undefined when there is none. */
  take(session: UploadSession, algorithm: DigestAlgorithm): RunningHash | undefined {
    const id = session.id.toString();
    const running = this.#bySession.get(id);
    this.#bySession.delete(id);
    const fits = running?.offset === session.offset && running.algorithm === algorithm;
    if (fits && session.offset > 0) return running.hash;
    running?.hash.drop();
    return session.offset === 0 ? this.#hashing.begin(algorithm) : undefined;
  }

  /** Keeps the hash over the first `offset` bytes for the session's next request. */
  keep(session: UploadSession, algorithm: DigestAlgorithm, offset: number, hash: RunningHash): void {
    if (this.#bySession.size >= MAX_SESSIONS) this.#forgetOldest();
    hash.rest();
    this.#bySession.set(session.id.toString(), { algorithm, offset, hash });
  }

  #forgetOldest(): void {
    const oldest = this.#bySession.keys().next().value;
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(id: string): void {
    this.#bySession.get(id)?.hash.drop();
    this.#bySession.delete(id);
  }
}
