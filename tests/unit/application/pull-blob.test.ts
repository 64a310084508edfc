import { describe, expect, it } from 'vitest';
import type { BlobIndex } from '../../../src/application/ports/metadata/blob-index.js';
import type { WaitingBytes } from '../../../src/application/ports/metadata/name-journal.js';
import { SMALL_BLOB } from '../../../src/domain/content/blob.js';
import { PullBlob, type PulledBlob } from '../../../src/application/use-cases/blob/pull-blob.js';
import { KeptBlobs } from '../../../src/infrastructure/storage/kept-blobs.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { LayoutBlobStore } from '../../../src/infrastructure/storage/layout/layout-blob-store.js';
import { blobPath } from '../../../src/infrastructure/storage/layout/paths.js';
import { blobOf, repository } from '../../contract/metadata/metadata-actions.js';

const CONTENT = 'a small blob';
const { digest, size } = blobOf(CONTENT);

/** A blob of `a` that the database knows. */
class World {
  readonly driver = new MemoryDriver();
  readonly recent = new KeptBlobs();
  size = size;
  bytes: WaitingBytes | undefined = { contentId: 1, bytes: Buffer.from(CONTENT) };
  asked = async (): Promise<void> => undefined;

  async pulled(): Promise<PulledBlob> {
    const blobs = { find: async () => ({ size: this.size, reviewAfter: undefined }) } as unknown as BlobIndex;
    const waiting = async (): Promise<WaitingBytes | undefined> => {
      const found = this.bytes;
      await this.asked();
      return found;
    };
    const use = new PullBlob(blobs, new LayoutBlobStore(this.driver), { waiting }, this.recent);
    return use.execute({ repository: repository('a'), digest });
  }

  async pull(from = 0): Promise<string> {
    const reader = await (await this.pulled()).open(from);
    const buffer = Buffer.alloc(size);
    const got = await reader.read(buffer, from);
    await reader.close();
    return buffer.subarray(0, got).toString();
  }
}

describe('pulling a blob whose bytes wait in the database', () => {
  it('reads them where there is no file yet, from any position', async () => {
    const world = new World();
    expect([await world.pull(), await world.pull(8)]).toEqual([CONTENT, 'blob']);
  });

  it('reads them although there is a file, which a power loss may have torn: its size tells nothing', async () => {
    const world = new World();
    await world.driver.putContent(blobPath(digest), Buffer.alloc(size));
    expect(await world.pull()).toBe(CONTENT);
  });

  it('finds the file when the bytes go while it looks', async () => {
    const world = new World();
    world.bytes = undefined;
    world.asked = () => world.driver.putContent(blobPath(digest), Buffer.from(CONTENT));
    expect(await world.pull()).toBe(CONTENT);
  });

  it('is damage when there are neither', async () => {
    const world = new World();
    world.bytes = undefined;
    await expect(world.pull()).rejects.toThrow('no file');
  });
});

describe('pulling a small blob whole', () => {
  async function world(content = CONTENT): Promise<World> {
    const made = new World();
    made.bytes = undefined;
    await made.driver.putContent(blobPath(digest), Buffer.from(content));
    return made;
  }

  const bytesOf = async (from: World): Promise<string> =>
    Buffer.from((await (await from.pulled()).bytes()) ?? []).toString();

  it('reads its file once', async () => {
    const kept = await world();
    const first = await bytesOf(kept);
    await kept.driver.remove(blobPath(digest));
    expect([first, await bytesOf(kept)]).toEqual([CONTENT, CONTENT]);
    expect(kept.recent.counts).toEqual({ asked: 2, found: 1, bytes: size + 512 });
  });

  it('reads what waits in the database', async () => {
    const waits = new World();
    expect(await bytesOf(waits)).toBe(CONTENT);
  });

  it('neither gives nor keeps bytes that the digest does not name', async () => {
    const torn = await world('A SMALL BLOB');
    const other = blobOf('A SMALL BLOB').digest.toString();
    await expect(bytesOf(torn)).rejects.toThrow(
      `is damaged: there is a file whose bytes have the digest ${other}`,
    );
    await torn.driver.putContent(blobPath(digest), Buffer.from(CONTENT));
    expect(await bytesOf(torn)).toBe(CONTENT);
  });

  it('leaves a larger one to its file', async () => {
    const large = await world();
    large.size = SMALL_BLOB + 1;
    expect(await (await large.pulled()).bytes()).toBeUndefined();
    expect(large.recent.counts.asked).toBe(0);
  });
});

describe('the file of a blob, for others to read', () => {
  const path = blobPath(digest);
  const root = '/srv/images';

  /** @param content of the file; undefined: there is none */
  async function fileOf(content: string | undefined, more: object, waits = false): Promise<unknown> {
    const world = new World();
    Object.assign(world.driver, more);
    if (content !== undefined) await world.driver.putContent(path, Buffer.from(content));
    if (!waits) world.bytes = undefined;
    return (await world.pulled()).file();
  }

  it('is told by its path', async () => {
    expect(await fileOf(CONTENT, { root })).toEqual({ root, path });
  });

  it.each([
    ['while bytes wait, which a file may not have yet', CONTENT, { root }, true],
    ['where the storage has no files', CONTENT, {}, false],
    ['when it has another size', 'damaged', { root }, false],
    ['when it is not there', undefined, { root }, false],
  ])('is not told %s', async (_when, content, more, waits) => {
    expect(await fileOf(content, more, waits)).toBeUndefined();
  });
});
