import { createHash } from 'node:crypto';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import type { StagedFile } from '../../../src/application/ports/storage/upload-store.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { LayoutBlobRemoval } from '../../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { LayoutBlobStore } from '../../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutUploadStore } from '../../../src/infrastructure/storage/layout/layout-upload-store.js';
import { CondemnedBlobs } from './condemned-blobs.js';
import { chance, Turns } from './turns.js';
import { VolatileDisk } from './volatile-disk.js';
import { VolatileFileSystem, type Surroundings } from './volatile-file-system.js';

/** Turns that a sleeper lets go by; each time all others have theirs. */
const LONGEST_SLEEP = 20;

type SyncOutcome = ReturnType<Surroundings['sync']>;

/** A process that serves the storage. */
export interface Registry {
  readonly fs: VolatileFileSystem;
  readonly blobs: LayoutBlobStore;
  readonly uploads: LayoutUploadStore;
  readonly removal: LayoutBlobRemoval;
}

interface Push {
  readonly staged: StagedFile;
  readonly content: Buffer;
  readonly digest: Digest;
  /** The session's row says that its bytes are there. */
  flushed: boolean;
  done: boolean;
}

/**
 * Processes that push blobs to one disk and remove them from it, which may be killed and may lose power; and what they
 * acknowledged.
 */
export class CrashWorld {
  readonly #disk = VolatileDisk.withFolder('srv');
  readonly #chance: () => number;
  readonly #turns: Turns;
  readonly #around: Surroundings;
  readonly #acknowledged = new Map<string, { digest: Digest; content: Buffer }>();
  readonly #pushes = new Map<Registry, Push[]>();
  readonly #broken: unknown[] = [];
  /** Pushes that a process works at. */
  readonly #underWay = new Set<Push>();
  /** Who pushes one of them waits. */
  readonly #condemned: CondemnedBlobs;
  readonly #sleepy = new WeakSet<object>();
  #uploadNumber = 0;

  constructor(
    seed: number,
    sync: (kind: 'fsync' | 'fdatasync', path: string) => SyncOutcome,
    afterRemoval: (registry: Registry, digest: Digest) => Promise<void> = async () => {},
  ) {
    this.#condemned = new CondemnedBlobs({
      fallAsleep: ({ fs }) => this.#sleepy.add(fs),
      afterRemoval,
      watch: (run) => this.#watch(run),
    });
    this.#chance = chance(seed);
    this.#turns = new Turns(this.#chance);
    this.#around = {
      turn: (of) => this.#turn(of),
      sync: (kind, path) => (this.#turns.free ? 'works' : sync(kind, path)),
      take: (length) => Math.ceil(this.#chance() * length),
    };
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  start(): Registry {
    const fs = new VolatileFileSystem(this.#disk, this.#around);
    const driver = new FilesystemDriver('/srv/registry', fs, {
      hash: (path, algorithm, length) => hashWhole(fs, path, algorithm, length),
      close: async () => {},
    });
    const registry = {
      fs,
      blobs: new LayoutBlobStore(driver),
      uploads: new LayoutUploadStore(driver),
      removal: new LayoutBlobRemoval(driver),
    };
    this.#pushes.set(registry, []);
    return registry;
  }

  push(registry: Registry, content: Buffer): void {
    const id = UploadId.parse(`00000000-0000-4000-8000-${String(this.#uploadNumber++).padStart(12, '0')}`);
    if (id === undefined) throw new Error('no UUID');
    const staged = { repository: RepositoryName.parse('app'), id, fence: 1 };
    const push = { staged, content, digest: Digest.of('sha256', content), flushed: false, done: false };
    this.#pushes.get(registry)?.push(push);
    this.#underWay.add(push);
    void this.#watch(this.#run(registry, push));
  }

  /**
   * Removes what was acknowledged and nobody pushes. A worker begins it whose lease runs out at once, so the heir removes
   * it as well, while the worker sleeps before each of its steps and goes on whenever it wakes up.
   */
  remove(heir: Registry, content: Buffer): void {
    const digest = Digest.of('sha256', content);
    const name = digest.toString();
    const isPushed = [...this.#underWay].some((push) => push.digest.equals(digest));
    if (isPushed || !this.#acknowledged.delete(name)) return;
    this.#condemned.condemn(this.start(), heir, digest);
  }

  /** Its client tries again what the process did not acknowledge: the new process finishes it, or says so. */
  killAndReplace(registry: Registry): Registry {
    this.#turns.kill(registry.fs);
    const heir = this.start();
    for (const push of this.#pushes.get(registry) ?? []) {
      if (push.done) continue;
      if (!push.flushed) this.#underWay.delete(push);
      if (push.flushed) void this.#watch(this.#finish(heir, push));
      else this.push(heir, push.content);
    }
    this.#pushes.delete(registry);
    this.#condemned.replace(registry, heir);
    return heir;
  }

  give(turns: number): Promise<void> {
    return this.#turns.give(turns);
  }

  losePower(): void {
    for (const registry of this.#pushes.keys()) this.#turns.kill(registry.fs);
    this.#pushes.clear();
    this.#underWay.clear();
    this.#condemned.clear();
    const kept = this.#chance();
    this.#disk.losePower(() => this.#chance() < kept);
  }

  /** Which acknowledged blobs are gone or not what they were, by their digests. */
  async lost(): Promise<readonly string[]> {
    if (this.#broken.length > 0)
      throw new AggregateError(this.#broken, 'a push failed for no fault of the disk');
    this.#turns.free = true;
    const { blobs } = this.start();
    const lost: string[] = [];
    for (const { digest, content } of this.#acknowledged.values()) {
      const intact = await blobs.verify(digest, content.length, new AbortController().signal);
      if (!intact) lost.push(digest.toString());
    }
    this.#turns.free = false;
    return lost;
  }

  async #turn(of: object): Promise<void> {
    const sleep = this.#sleepy.has(of) && !this.#turns.free ? this.#chance() * LONGEST_SLEEP : 0;
    for (let left = sleep; left > 0; left -= 1) await this.#turns.wait(of);
    await this.#turns.wait(of);
  }

  async #run(registry: Registry, push: Push): Promise<void> {
    await this.#condemned.forgotten(push.digest);
    if (this.#chance() < 0.5) return this.#put(registry, push);
    await registry.uploads.create(push.staged.repository, push.staged.id, 0);
    const writer = await registry.uploads.openWriter(push.staged, 0);
    const half = Math.floor(push.content.length / 2);
    await writer?.write([push.content.subarray(0, half)]);
    await writer?.write([push.content.subarray(half)]);
    await writer?.flush();
    await writer?.close();
    push.flushed = true;
    await this.#finish(registry, push);
  }

  /** As a closing request does whose bytes are few and all there. */
  async #put(registry: Registry, push: Push): Promise<void> {
    await registry.blobs.put(push.digest, push.content);
    this.#acknowledge(push);
  }

  async #finish(registry: Registry, push: Push): Promise<void> {
    const { digest, content, staged } = push;
    const placed = await registry.blobs.place(staged, digest);
    const there =
      placed || (await registry.blobs.verify(digest, content.length, new AbortController().signal));
    if (!there) throw new Error('what was staged for a push is gone, and its digest has no bytes');
    this.#acknowledge(push);
    await registry.uploads.remove(staged.repository, staged.id);
  }

  #acknowledge(push: Push): void {
    const { digest, content } = push;
    this.#acknowledged.set(digest.toString(), { digest, content });
    push.done = true;
    this.#underWay.delete(push);
  }

  /** A failed sync may refuse a push; it is then not acknowledged, and that is all. */
  async #watch(run: Promise<unknown>): Promise<void> {
    try {
      await run;
    } catch (error) {
      if (!(error instanceof StorageFault)) this.#broken.push(error);
    }
  }
}

async function hashWhole(
  fs: VolatileFileSystem,
  path: string,
  algorithm: Digest['algorithm'],
  length: number,
): Promise<Digest | undefined> {
  const descriptor = await fs.open(path, 0);
  const bytes = Buffer.alloc(length);
  const got = await fs.read(descriptor, bytes, 0);
  await fs.close(descriptor);
  return got < length ? undefined : Digest.fromHash(algorithm, createHash(algorithm).update(bytes));
}
