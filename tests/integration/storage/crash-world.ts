import { createHash } from 'node:crypto';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import type { StagedFile } from '../../../src/application/ports/storage/upload-store.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { LayoutBlobStore } from '../../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutUploadStore } from '../../../src/infrastructure/storage/layout/layout-upload-store.js';
import { chance, Turns } from './turns.js';
import { VolatileDisk } from './volatile-disk.js';
import { VolatileFileSystem, type Surroundings } from './volatile-file-system.js';

type SyncOutcome = ReturnType<Surroundings['sync']>;

/** A process that serves the storage. */
interface Registry {
  readonly fs: VolatileFileSystem;
  readonly blobs: LayoutBlobStore;
  readonly uploads: LayoutUploadStore;
}

interface Push {
  readonly staged: StagedFile;
  readonly content: Buffer;
  readonly digest: Digest;
  /** The session's row says that its bytes are there. */
  flushed: boolean;
  done: boolean;
}

/** Processes that push blobs to one disk, which may be killed and may lose power; and what they acknowledged. */
export class CrashWorld {
  readonly #disk = new VolatileDisk();
  readonly #chance: () => number;
  readonly #turns: Turns;
  readonly #around: Surroundings;
  readonly #acknowledged = new Map<string, { digest: Digest; content: Buffer }>();
  readonly #pushes = new Map<Registry, Push[]>();
  readonly #broken: unknown[] = [];
  #uploadNumber = 0;

  constructor(seed: number, sync: (kind: 'fsync' | 'fdatasync', path: string) => SyncOutcome) {
    this.#chance = chance(seed);
    this.#turns = new Turns(this.#chance);
    this.#around = {
      turn: (of) => this.#turns.wait(of),
      sync: (kind, path) => (this.#turns.free ? 'works' : sync(kind, path)),
      take: (length) => Math.ceil(this.#chance() * length),
    };
    const srv = this.#disk.make('folder');
    this.#disk.change(0, { kind: 'name', name: 'srv', to: srv });
    this.#disk.settle();
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
    const registry = { fs, blobs: new LayoutBlobStore(driver), uploads: new LayoutUploadStore(driver) };
    this.#pushes.set(registry, []);
    return registry;
  }

  push(registry: Registry, content: Buffer): void {
    const id = UploadId.parse(`00000000-0000-4000-8000-${String(this.#uploadNumber++).padStart(12, '0')}`);
    if (id === undefined) throw new Error('no UUID');
    const staged = { repository: RepositoryName.parse('app'), id, fence: 1 };
    const push = { staged, content, digest: Digest.of('sha256', content), flushed: false, done: false };
    this.#pushes.get(registry)?.push(push);
    void this.#watch(this.#run(registry, push));
  }

  /** Its client tries again what the process did not acknowledge: the new process finishes it, or says so. */
  killAndReplace(registry: Registry): Registry {
    this.#turns.kill(registry.fs);
    const heir = this.start();
    for (const push of this.#pushes.get(registry) ?? []) {
      if (push.done) continue;
      if (push.flushed) void this.#watch(this.#finish(heir, push));
      else this.push(heir, push.content);
    }
    this.#pushes.delete(registry);
    return heir;
  }

  give(turns: number): Promise<void> {
    return this.#turns.give(turns);
  }

  losePower(): void {
    for (const registry of this.#pushes.keys()) this.#turns.kill(registry.fs);
    this.#pushes.clear();
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

  async #run(registry: Registry, push: Push): Promise<void> {
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
    const { digest, content } = push;
    await registry.blobs.put(digest, content);
    this.#acknowledged.set(digest.toString(), { digest, content });
    push.done = true;
  }

  async #finish(registry: Registry, push: Push): Promise<void> {
    const { digest, content, staged } = push;
    const placed = await registry.blobs.place(staged, digest);
    const there =
      placed || (await registry.blobs.verify(digest, content.length, new AbortController().signal));
    if (there) this.#acknowledged.set(digest.toString(), { digest, content });
    push.done = true;
    await registry.uploads.remove(staged.repository, staged.id);
  }

  /** A failed sync may refuse a push; it is then not acknowledged, and that is all. */
  async #watch(run: Promise<void>): Promise<void> {
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
