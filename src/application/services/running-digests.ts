import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '../../domain/content/digest.js';
import type { UploadSession } from '../../domain/upload/upload-session.js';

/** A hash over the first `offset` bytes of a session. */
interface RunningDigest {
  readonly algorithm: DigestAlgorithm;
  readonly offset: number;
  readonly hash: Hash;
}

/** Forgotten sessions must not fill the memory; the one that is dropped is read again at its end. */
const MAX_SESSIONS = 10_000;

/**
 * Hashes of sessions between their requests. Node can not serialise a hash, so it stays in the process that made it:
 * who continues a session without it writes on unhashed, and the closing request reads the file once.
 */
export class RunningDigests {
  readonly #bySession = new Map<string, RunningDigest>();

  /** The hash that covers what the session has, which the caller now owns; undefined when there is none. */
  take(session: UploadSession, algorithm: DigestAlgorithm): Hash | undefined {
    const id = session.id.toString();
    const running = this.#bySession.get(id);
    this.#bySession.delete(id);
    if (session.offset === 0) return createHash(algorithm);
    const fits = running?.offset === session.offset && running.algorithm === algorithm;
    return fits ? running.hash : undefined;
  }

  /** Keeps the hash over the first `offset` bytes for the session's next request. */
  keep(session: UploadSession, algorithm: DigestAlgorithm, offset: number, hash: Hash): void {
    const oldest = this.#bySession.size >= MAX_SESSIONS ? this.#bySession.keys().next().value : undefined;
    if (oldest !== undefined) this.#bySession.delete(oldest);
    this.#bySession.set(session.id.toString(), { algorithm, offset, hash });
  }

  drop(session: UploadSession): void {
    this.#bySession.delete(session.id.toString());
  }
}
