import type { Digest } from '../../../src/domain/content/digest.js';
import type { Registry } from './crash-world.js';
import { gate } from './gate.js';

interface Condemned {
  readonly digest: Digest;
  /** The claim of whoever may remove it: none before a worker has condemned it. */
  claim: Buffer | undefined;
  /** Who takes the claim over, and who takes it over from him when he is killed. */
  heir: Registry;
  readonly forgotten: ReturnType<typeof gate>;
}

interface Around {
  /** From now on the process sleeps before each of its steps. */
  readonly fallAsleep: (registry: Registry) => void;
  /** What a process does behind a removal. */
  readonly afterRemoval: (registry: Registry, digest: Digest) => Promise<void>;
  /** Looks that a run which nobody waits for goes well. */
  readonly watch: (run: Promise<unknown>) => Promise<void>;
}

/** Digests whose bytes are being removed, under claims that are taken over: what the rows say of them. */
export class CondemnedBlobs {
  readonly #around: Around;
  readonly #blobs = new Map<string, Condemned>();
  #claims = 0;

  constructor(around: Around) {
    this.#around = around;
  }

  /** Resolves when the digest is not condemned any more; a removal that is never finished lets one wait for ever. */
  async forgotten(digest: Digest): Promise<void> {
    await this.#blobs.get(digest.toString())?.forgotten.passed;
  }

  /** The lease of the worker runs out at once, so the heir removes the blob as well, whenever the worker wakes up. */
  condemn(worker: Registry, heir: Registry, digest: Digest): void {
    const blob = { digest, claim: undefined, heir, forgotten: gate() };
    this.#blobs.set(digest.toString(), blob);
    void this.#around.watch(this.#removeTwice(worker, blob));
  }

  /** Who has been killed finishes no removal; what he had begun is taken over like everything else. */
  replace(killed: Registry, heir: Registry): void {
    for (const blob of this.#blobs.values()) {
      if (blob.heir !== killed) continue;
      blob.heir = heir;
      if (blob.claim !== undefined) void this.#around.watch(this.#takeOver(blob, blob.claim));
    }
  }

  /** When nobody lives any more who could remove anything; whoever condemns a digest again begins anew. */
  clear(): void {
    this.#blobs.clear();
  }

  async #removeTwice(worker: Registry, blob: Condemned): Promise<void> {
    const token = this.#token();
    await worker.removal.openFence(token);
    blob.claim = token;
    this.#around.fallAsleep(worker);
    void this.#around.watch(this.#remove(worker, blob, token));
    await this.#takeOver(blob, token);
  }

  async #takeOver(blob: Condemned, old: Buffer): Promise<void> {
    const { heir, digest } = blob;
    const token = this.#token();
    await heir.removal.openFence(token);
    await heir.removal.breakFence(old);
    blob.claim = token;
    const outcome = await this.#remove(heir, blob, token);
    if (outcome !== 'gone') throw new Error(`the heir's removal is ${outcome}`);
    this.#blobs.delete(digest.toString());
    blob.forgotten.open();
    await heir.removal.breakFence(token);
  }

  async #remove(
    registry: Registry,
    { digest }: Condemned,
    token: Buffer,
  ): ReturnType<Registry['removal']['remove']> {
    const outcome = await registry.removal.remove(digest, token);
    await this.#around.afterRemoval(registry, digest);
    return outcome;
  }

  #token(): Buffer {
    const token = Buffer.alloc(16);
    token.writeUInt32BE(this.#claims++);
    return token;
  }
}
