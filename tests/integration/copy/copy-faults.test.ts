import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { filesystemUnderTest } from '../../contract/storage-under-test.js';
import type { DriverUnderTest } from '../../contract/storage-driver.contract.js';
import { blobAt, TreeInDriver } from '../../support/tree-in-driver.js';
import { altered, copyBetween, filesOf } from './copy-under-test.js';

const LARGE = 5 * 1024 * 1024;

describe('a copy that something comes between', () => {
  let under: DriverUnderTest;
  const source = (): StorageDriver => under.driver;
  let target: MemoryDriver;
  let tree: TreeInDriver;

  beforeEach(async () => {
    under = await filesystemUnderTest();
    target = new MemoryDriver();
    tree = new TreeInDriver(under.driver);
    for (let at = 0; at < 20; at += 1) await image(`team/app${at}`);
    await tree.layer('team/large', 'x'.repeat(LARGE));
  });
  afterEach(() => under.dispose());

  async function image(repository: string, tag = 'v1'): Promise<Digest> {
    const layer = await tree.layer(repository, `layer of ${repository}:${tag}`);
    const digest = await tree.image(repository, layer, { layers: [layer], note: tag });
    await tree.tag(repository, tag, digest);
    return digest;
  }

  /** Stops at the n-th step that changes the target, and at each one after it. */
  function failingFrom(step: number, failure: () => Error): StorageDriver {
    let left = step;
    const counted =
      <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        left -= 1;
        if (left < 0) throw failure();
        return work(...args);
      };
    return altered(target, {
      putContent: counted(target.putContent.bind(target)),
      putDurably: counted(target.putDurably.bind(target)),
      openWriter: counted(target.openWriter.bind(target)),
      move: counted(target.move.bind(target)),
    });
  }

  it('goes on from any step at which the target has failed, and then has everything', async () => {
    const full = (): Error => new StorageFault('full', 'no space left');
    const everything = await filesOf(source());
    for (let step = 0; ; step += 7) {
      try {
        await copyBetween(source(), failingFrom(step, full));
        break;
      } catch (error) {
        expect(error).toMatchObject({ name: 'StorageFault', kind: 'full' });
      }
      // A name that is there has all that it names; what was cut off lies beside the tree alone.
      for (const [path, content] of await filesOf(target, ['docker'])) {
        expect([path, content]).toEqual([path, everything.get(path)]);
      }
    }
    expect(await filesOf(target)).toEqual(await filesOf(source()));
  });

  it('makes durable what a copy has written that did not come to its end', async () => {
    await expect(
      copyBetween(
        source(),
        failingFrom(40, () => new StorageFault('full', 'no space left')),
      ),
    ).rejects.toThrow('no space left');
    const written = new Set((await filesOf(target, ['docker'])).keys());
    const durable = new Set<string>();
    await copyBetween(
      source(),
      altered(target, {
        flushContent: async (paths) => {
          for (const path of paths) durable.add(path);
        },
        makeDurable: async (path) => void durable.add(path),
      }),
    );
    expect([...written].filter((path) => !durable.has(path))).toEqual([]);
  });

  it('reads on from what can be read, and tells of a blob that can not', async () => {
    const digest = await image('team/app0', 'v2');
    const broken = altered(source(), {
      openReader: async (path, from) => {
        if (path === blobAt(digest)) throw new StorageFault('broken', `cannot read ${path}: EIO`);
        return source().openReader(path, from);
      },
    });
    const { report, progress } = await copyBetween(broken, target);
    expect(report.settled).toBe(true);
    expect(report.damages.first).toEqual([
      { path: blobAt(digest), repository: undefined, reason: 'cannot be read (EIO)' },
    ]);
    expect(progress.blobsThere).toBe(progress.blobsCopied);
    expect((await copyBetween(source(), target)).progress.blobsCopied).toBe(1);
  });

  it('ends when the source can not be read at all, instead of telling of each blob', async () => {
    const gone = (): Promise<never> => Promise.reject(new StorageFault('broken', 'cannot read: EIO'));
    const broken = altered(source(), { openReader: gone, probe: gone });
    await expect(copyBetween(broken, target)).rejects.toMatchObject({ name: 'StorageFault' });
  });

  it('ends between two pieces when it is told to, and goes on the next time', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const stopping = altered(source(), {
      openReader: async (path, from) => {
        const reader = await source().openReader(path, from);
        if (reader !== undefined && reader.size >= LARGE) stop.abort(reason);
        return reader;
      },
    });
    await expect(copyBetween(stopping, target, { signal: stop.signal })).rejects.toBe(reason);
    const { report } = await copyBetween(source(), target);
    expect(report.settled).toBe(true);
    expect(await filesOf(target)).toEqual(await filesOf(source()));
  });

  it('passes over everything again, and so copies what came meanwhile', async () => {
    let pushed: Digest | undefined;
    const busy = altered(target, {
      putContent: async (path, content) => {
        await target.putContent(path, content);
        if (pushed === undefined && path.includes('/app19/_manifests/tags/')) {
          pushed = await image('team/app0', 'meanwhile');
        }
      },
    });
    const { report, progress } = await copyBetween(source(), busy);
    expect([report.settled, progress.pass]).toEqual([true, 3]);
    expect(pushed).toBeDefined();
    expect(await filesOf(target)).toEqual(await filesOf(source()));
  });

  it('says so when something new comes all the time', async () => {
    let images = 0;
    const busy = altered(target, {
      putContent: async (path, content) => {
        await target.putContent(path, content);
        if (path.includes('/_manifests/tags/')) {
          images += 1;
          await image('team/app0', `v1.${images}`);
        }
      },
    });
    const { report } = await copyBetween(source(), busy);
    expect(report.settled).toBe(false);
  });
});
