import { describe, expect, it } from 'vitest';
import type { FileListing, ListedFile } from '../../../src/application/ports/storage/file-listing.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { LearntSizes } from '../../../src/infrastructure/storage/layout/learnt-sizes.js';
import { blobAt, TREE_ROOT } from '../../support/tree-in-driver.js';

const NEVER = new AbortController().signal;
const digests = Array.from({ length: 500 }, (_, at) =>
  Digest.of(at % 5 === 0 ? 'sha512' : 'sha256', Buffer.from(`blob ${at}`)),
);
const sizeOf = (digest: Digest): number => digests.indexOf(digest) + 1;
const blobs = digests.map((digest) => file(blobAt(digest), sizeOf(digest)));
const STRANGE = [
  `${TREE_ROOT}/blobs/stray`,
  `${TREE_ROOT}/blobs/md5/ab/abc/data`,
  `${TREE_ROOT}/blobs/sha256/ab/${'ab'.repeat(31)}/data`,
  `${TREE_ROOT}/blobs/sha256/abc/${'abc'.repeat(21)}a/data`,
  `${TREE_ROOT}/blobs/sha256/cd/${'cd'.repeat(32)}/other`,
  `${TREE_ROOT}/blobs/sha256/cd/${'cd'.repeat(32)}/data/x`,
].map((path) => file(path, 7));

function file(path: string, size: number): ListedFile {
  return { path, size, changedAt: 0, checksum: '' };
}

/** Gives pages of some files, and counts them. */
class PagedFiles implements FileListing {
  asked = 0;
  readonly #files: readonly ListedFile[];
  readonly #page: number;

  constructor(files: readonly ListedFile[], page: number) {
    this.#files = files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
    this.#page = page;
  }

  async *pages(prefix: string): AsyncGenerator<readonly ListedFile[]> {
    const found = this.#files.filter(({ path }) => path.startsWith(prefix));
    for (let at = 0; at < found.length; at += this.#page) {
      this.asked += 1;
      yield found.slice(at, at + this.#page);
    }
  }
}

describe('sizes of blobs that a listing tells', () => {
  it.each([1, 3, 100, 1_000])('are known for all of them, with pages of %i', async (page) => {
    const learnt = new LearntSizes(new PagedFiles([...blobs, ...STRANGE], page));
    await learnt.learn(NEVER);
    for (const digest of digests) expect(learnt.sizeOf(digest)).toBe(sizeOf(digest));
  });

  it('are not known of what is not there, wherever it would be', async () => {
    const learnt = new LearntSizes(new PagedFiles([...blobs.slice(100), ...STRANGE], 7));
    await learnt.learn(NEVER);
    for (const digest of digests.slice(0, 100)) expect(learnt.sizeOf(digest)).toBeUndefined();
    for (const hex of ['00', 'ff', 'ab', 'cd']) {
      expect(learnt.sizeOf(Digest.parse(`sha256:${hex.repeat(32)}`))).toBeUndefined();
      expect(learnt.sizeOf(Digest.parse(`sha512:${hex.repeat(64)}`))).toBeUndefined();
    }
  });

  it('are none before they are learnt, and in an empty storage', async () => {
    expect(new LearntSizes(new PagedFiles(blobs, 10)).sizeOf(Digest.of('sha256', Buffer.from('x')))).toBe(
      undefined,
    );
    const empty = new LearntSizes(new PagedFiles([], 10));
    await empty.learn(NEVER);
    expect(empty.sizeOf(digests[1] ?? fail())).toBeUndefined();
  });

  it('are read once for all who need them at once, and again for who comes later', async () => {
    const files = new PagedFiles(blobs, 100);
    const learnt = new LearntSizes(files);
    const [first, second] = await Promise.all([learnt.learn(NEVER), learnt.learn(NEVER)]);
    expect(files.asked).toBe(5);
    first();
    first();
    const [digest = fail()] = digests;
    expect(learnt.sizeOf(digest)).toBe(1);
    second();
    expect(learnt.sizeOf(digest)).toBeUndefined();
    await learnt.learn(NEVER);
    expect(files.asked).toBe(10);
  });

  it('are learnt up to a number, and the rest is not known', async () => {
    const files = new PagedFiles(blobs, 100);
    const learnt = new LearntSizes(files, 200);
    await learnt.learn(NEVER);
    expect(files.asked).toBe(2);
    expect(digests.filter((digest) => learnt.sizeOf(digest) !== undefined)).toHaveLength(200);
  });

  it('can be learnt again after a fault, and after somebody did not want them any more', async () => {
    const files = new PagedFiles(blobs, 100);
    let broken = true;
    const learnt = new LearntSizes({
      async *pages(prefix) {
        yield* files.pages(prefix);
        if (broken) throw new Error('broken');
      },
    });
    await expect(learnt.learn(NEVER)).rejects.toThrow('broken');
    const [digest = fail()] = digests;
    expect(learnt.sizeOf(digest)).toBeUndefined();
    broken = false;
    await expect(learnt.learn(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await learnt.learn(NEVER);
    expect(learnt.sizeOf(digest)).toBe(1);
  });
});

function fail(): never {
  throw new Error('there are some');
}
