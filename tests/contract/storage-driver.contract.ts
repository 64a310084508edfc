import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../src/application/ports/storage/storage-driver.js';
import { Digest } from '../../src/domain/content/digest.js';
import { StorageFault } from '../../src/application/ports/storage/storage-fault.js';
import { namesIn, readWhole, sizeOf } from './storage-content.js';

const bytes = (text: string) => Buffer.from(text);
const never = new AbortController().signal;

/** In what storages differ. */
export interface StorageTraits {
  /** `implied`: a folder is there while something lies below it, has no time, and a file may have its name. */
  readonly folders: 'kept' | 'implied';
  /** `copy`: what was at the old path is still there afterwards. */
  readonly move: 'atomic' | 'copy';
  /** How far (ms) two times have to be apart that are told apart. */
  readonly tick: number;
}

/** A driver for one test, and how to be rid of it. */
export interface DriverUnderTest {
  readonly driver: StorageDriver;
  /** Of a file system when left out. */
  readonly traits?: StorageTraits;
  dispose(): Promise<void>;
}

export function traitsOf({ traits }: DriverUnderTest): StorageTraits {
  return traits ?? { folders: 'kept', move: 'atomic', tick: 20 };
}

/** What every adapter of StorageDriver keeps. */
export function storageDriverContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`storage driver ${name}`, () => {
    let under: DriverUnderTest;
    let driver: StorageDriver;

    beforeEach(async () => {
      under = await make();
      driver = under.driver;
    });
    afterEach(() => under.dispose());

    const content = async (path: string) => readWhole(await driver.openReader(path));

    describe('what is not there', () => {
      it('has no size', async () => expect(await sizeOf(driver, 'a/b')).toBeUndefined());
      it('is not opened for reading', async () => expect(await driver.openReader('a/b')).toBeUndefined());
      it('is not continued', async () => expect(await driver.openWriter('a/b', 1)).toBeUndefined());
      it('is not moved', async () => expect(await driver.move('a/b', 'c/d')).toBe(false));
      it('has an empty list', async () => expect(await namesIn(driver, 'a')).toEqual([]));
      it('has no digest', async () => expect(await driver.hash('a/b', 'sha256', 0, never)).toBeUndefined());
      it('is removed without a fault', async () => expect(await driver.remove('a/b')).toBeUndefined());
      it('is what lies below a file', async () => {
        await driver.putContent('a/b', bytes('x'));
        expect(await sizeOf(driver, 'a/b/c')).toBeUndefined();
        expect(await driver.openReader('a/b/c')).toBeUndefined();
        expect(await namesIn(driver, 'a/b/c')).toEqual([]);
      });
      it('is a file of the name of a folder', async () => {
        await driver.putContent('a/b/c', bytes('x'));
        expect(await sizeOf(driver, 'a/b')).toBeUndefined();
        expect(await driver.openReader('a/b')).toBeUndefined();
      });
    });

    describe('putContent', () => {
      it('makes the folders and writes the whole content', async () => {
        await driver.putContent('a/b/c', bytes('hello'));
        expect(await sizeOf(driver, 'a/b/c')).toBe(5);
        expect(await content('a/b/c')).toBe('hello');
      });
      it('replaces what was there and leaves nothing else behind', async () => {
        await driver.putContent('a/b', bytes('a long old content'));
        await driver.putContent('a/b', bytes('new'));
        expect(await content('a/b')).toBe('new');
        expect(await namesIn(driver, 'a')).toEqual(['b']);
      });
      it('does not change what an open reader sees', async () => {
        await driver.putContent('a/b', bytes('old'));
        const reader = await driver.openReader('a/b');
        await driver.putContent('a/b', bytes('new content'));
        expect(await readWhole(reader)).toBe('old');
        expect(await content('a/b')).toBe('new content');
      });
      it('takes an empty content', async () => {
        await driver.putContent('a/b', bytes(''));
        expect(await sizeOf(driver, 'a/b')).toBe(0);
        expect(await content('a/b')).toBe('');
      });
    });

    describe('putContents', () => {
      it('writes each whole, whatever was there', async () => {
        await driver.putContent('a/one', bytes('old'));
        await driver.putContents([
          { path: 'a/one', content: bytes('1') },
          { path: 'b/two', content: bytes('2') },
          { path: 'a/one', content: bytes('the last one') },
        ]);
        expect(await content('a/one')).toBe('the last one');
        expect(await content('b/two')).toBe('2');
        expect(await namesIn(driver, 'a')).toEqual(['one']);
      });
    });

    describe('move', () => {
      it('makes the folders on the way and leaves nothing at the old path, unless it copies', async () => {
        await driver.putContent('a/f', bytes('x'));
        expect(await driver.move('a/f', 'b/c/d/f')).toBe(true);
        expect(await content('b/c/d/f')).toBe('x');
        expect(await namesIn(driver, 'a')).toEqual(traitsOf(under).move === 'copy' ? ['f'] : []);
      });
      it('replaces a file that is there', async () => {
        await driver.putContent('a', bytes('healed'));
        await driver.putContent('b', bytes(''));
        expect(await driver.move('a', 'b')).toBe(true);
        expect(await content('b')).toBe('healed');
      });
      it('leaves the target alone when there is nothing to move', async () => {
        await driver.putContent('b', bytes('kept'));
        expect(await driver.move('a', 'b')).toBe(false);
        expect(await content('b')).toBe('kept');
      });
      it('lets one of many movers of the same file win, or each that copies', async () => {
        await driver.putContent('a', bytes('x'));
        const moved = await Promise.all(['b', 'c', 'd'].map((to) => driver.move('a', `t/${to}`)));
        const winners = traitsOf(under).move === 'copy' ? 3 : 1;
        expect(moved.filter(Boolean)).toHaveLength(winners);
        expect(await namesIn(driver, 't')).toHaveLength(winners);
      });
    });

    describe('makeDurable', () => {
      it('changes nothing that can be seen', async () => {
        await driver.putContent('a/b', bytes('x'));
        await driver.makeDurable('a/b');
        await driver.makeDurable('a/b');
        expect(await content('a/b')).toBe('x');
      });
    });

    describe('remove and list', () => {
      it('lists the names of files and folders of one level', async () => {
        await driver.putContent('a/f', bytes(''));
        await driver.putContent('a/b/c', bytes(''));
        await driver.putContent('ab/x', bytes(''));
        expect([...(await namesIn(driver, 'a'))].toSorted()).toEqual(['b', 'f']);
      });
      it('removes one file', async () => {
        await driver.putContent('a/one', bytes(''));
        await driver.putContent('a/two', bytes(''));
        await driver.remove('a/one');
        expect(await namesIn(driver, 'a')).toEqual(['two']);
      });
      it('removes a file with the folder that it leaves empty, and none above but implied ones', async () => {
        await driver.putContent('a/b/one', bytes('1'));
        await driver.putContent('a/b/two', bytes('2'));
        await driver.removeWithFolder('a/b/one');
        expect(await namesIn(driver, 'a/b')).toEqual(['two']);
        await driver.removeWithFolder('a/b/two');
        expect(await namesIn(driver, 'a')).toEqual([]);
        const above = traitsOf(under).folders === 'implied' ? undefined : 'folder';
        expect((await driver.stat('a'))?.kind).toBe(above);
        await driver.removeWithFolder('a/b/two');
        await driver.removeWithFolder('nowhere/at/all');
        await driver.putContent('a/b/one', bytes('again'));
        expect(await namesIn(driver, 'a/b')).toEqual(['one']);
      });

      it('removes a folder with everything in it and nothing beside it', async () => {
        await driver.putContent('a/b/c/d', bytes(''));
        await driver.putContent('a/b/e', bytes(''));
        await driver.putContent('a/bc', bytes('kept'));
        await driver.remove('a/b');
        expect(await namesIn(driver, 'a')).toEqual(['bc']);
        expect(await sizeOf(driver, 'a/b/c/d')).toBeUndefined();
      });
      it('lets a removed folder be made again', async () => {
        await driver.putContent('a/b/c', bytes('old'));
        await driver.makeDurable('a/b/c');
        await driver.remove('a');
        await driver.putContent('new', bytes('new'));
        expect(await driver.move('new', 'a/b/c')).toBe(true);
        expect(await content('a/b/c')).toBe('new');
      });
    });

    describe('small files', () => {
      it.each(['putContent', 'putDurably'] as const)('come back whole after %s', async (put) => {
        await driver[put]('a/b/c', bytes('some content'));
        expect(await driver.readContent('a/b/c', 12)).toEqual(new Uint8Array(bytes('some content')));
        await driver[put]('a/b/c', bytes(''));
        expect(await driver.readContent('a/b/c', 0)).toEqual(new Uint8Array());
      });
      it('are nothing where nothing is', async () => {
        await driver.putContent('a/b', bytes(''));
        expect(await driver.readContent('a/c', 10)).toBeUndefined();
        expect(await driver.readContent('b/c', 10)).toBeUndefined();
      });
      it('are refused above the limit, and where a folder is that is not only implied', async () => {
        await driver.putContent('a/b', bytes('four'));
        await expect(driver.readContent('a/b', 3)).rejects.toThrow(StorageFault);
        if (traitsOf(under).folders === 'kept') {
          await expect(driver.readContent('a', 3)).rejects.toThrow(StorageFault);
        } else expect(await driver.readContent('a', 3)).toBeUndefined();
      });
      it('are replaced for those who read next, whoever has the old one open', async () => {
        await driver.putDurably('f', bytes('old'));
        const old = await driver.openReader('f');
        await driver.putDurably('f', bytes('newer'));
        expect(await content('f')).toBe('newer');
        expect(await readWhole(old)).toBe('old');
      });
      it('are flushed, and so is that they have been removed', async () => {
        await driver.putContent('a/b/c', bytes('x'));
        await driver.putContent('a/d', bytes('y'));
        await driver.remove('a/d');
        await driver.flushContent(['a/b/c', 'a/d', 'never/was']);
        expect(await content('a/b/c')).toBe('x');
      });
      it('may be put many at once', async () => {
        const names = Array.from({ length: 200 }, (_, index) => `d${index % 7}/f${index}`);
        await Promise.all(names.map((each) => driver.putContent(each, bytes(each))));
        const read = await Promise.all(names.map((each) => driver.readContent(each, 10)));
        expect(read.map((each) => Buffer.from(each ?? []).toString())).toEqual(names);
      });
    });

    describe('what is at a path', () => {
      it('is a file with its size, a folder, or nothing', async () => {
        await driver.putContent('a/b', bytes('four'));
        expect(await driver.stat('a/b')).toMatchObject({ kind: 'file', size: 4 });
        expect(await driver.stat('a')).toMatchObject({ kind: 'folder' });
        expect(await driver.stat('a/c')).toBeUndefined();
        expect(await driver.stat('a/b/c')).toBeUndefined();
      });
      it('tells when it was last changed', async () => {
        await driver.putContent('f', bytes('old'));
        const before = await driver.stat('f');
        await sleep(traitsOf(under).tick);
        await driver.putContent('f', bytes('new'));
        const after = await driver.stat('f');
        expect(after?.changedAt).toBeGreaterThan(before?.changedAt ?? Infinity);
      });
      it('is told for the same leaf of many folders', async () => {
        await driver.putContent('a/one/x/link', bytes('four'));
        await driver.putContent('a/two/y', bytes(''));
        await driver.putContent('a/file', bytes(''));
        const link = await driver.stat('a/one/x/link');
        expect(await driver.survey('a', 'x/link')).toEqual({ newest: link?.changedAt, without: ['two'] });
        expect(await driver.survey('b', 'x')).toEqual({ newest: undefined, without: [] });
        expect(await driver.newestOf(['a/one/x/link', 'nothing'])).toBe(link?.changedAt);
        expect(await driver.newestOf(['nothing', 'a/file/below'])).toBeUndefined();
      });
      it('is listed with its kind', async () => {
        await driver.putContent('a/file', bytes(''));
        await driver.putContent('a/folder/f', bytes(''));
        const entries = await driver.list('a');
        expect(entries.toSorted((one, two) => (one.name < two.name ? -1 : 1))).toEqual([
          { name: 'file', kind: 'file' },
          { name: 'folder', kind: 'folder' },
        ]);
      });
    });

    describe('hash', () => {
      const big = Buffer.alloc(3 * 1024 * 1024 + 17, 'stowage');

      it.each(['sha256', 'sha512'] as const)(
        'computes the %s of a file larger than a piece',
        async (algorithm) => {
          await driver.putContent('f', big);
          const digest = await driver.hash('f', algorithm, big.length, never);
          expect(digest?.toString()).toBe(Digest.of(algorithm, big).toString());
        },
      );
      it('takes only the first bytes', async () => {
        await driver.putContent('f', bytes('abcdef'));
        const digest = await driver.hash('f', 'sha256', 3, never);
        expect(digest?.toString()).toBe(Digest.of('sha256', bytes('abc')).toString());
      });
      it('hashes no byte at all', async () => {
        await driver.putContent('f', bytes(''));
        const digest = await driver.hash('f', 'sha256', 0, never);
        expect(digest?.toString()).toBe(Digest.of('sha256', bytes('')).toString());
      });
      it('gives nothing when the file is shorter', async () => {
        await driver.putContent('f', bytes('abc'));
        expect(await driver.hash('f', 'sha256', 4, never)).toBeUndefined();
      });
      it('answers many at once, each with its own', async () => {
        const texts = Array.from({ length: 20 }, (_, index) => `content ${index}`);
        await Promise.all(texts.map((text, index) => driver.putContent(`f${index}`, bytes(text))));
        const digests = await Promise.all(
          texts.map((text, index) =>
            driver.hash(`f${index}`, 'sha256', text.length, new AbortController().signal),
          ),
        );
        expect(digests.map(String)).toEqual(texts.map((text) => String(Digest.of('sha256', bytes(text)))));
      });
      it('rejects with the reason of a signal that is aborted before or meanwhile', async () => {
        await driver.putContent('f', Buffer.alloc(64 * 1024 * 1024));
        const reason = new Error('the client has left');
        await expect(driver.hash('f', 'sha256', 1, AbortSignal.abort(reason))).rejects.toBe(reason);
        const abort = new AbortController();
        const hashing = driver.hash('f', 'sha256', 64 * 1024 * 1024, abort.signal);
        setImmediate(() => abort.abort(reason));
        await expect(hashing).rejects.toBe(reason);
        await driver.putContent('g', bytes('next'));
        expect(String(await driver.hash('g', 'sha256', 4, never))).toBe(
          String(Digest.of('sha256', bytes('next'))),
        );
      });
    });

    describe('paths', () => {
      it.each([
        '',
        '/',
        '/a',
        'a/',
        'a//b',
        '.',
        '..',
        'a/../b',
        '../a',
        'a\0b',
        'a\\b',
        'a b',
        'a/%2e%2e',
        'ä',
      ])('refuses %j by itself', async (path) => {
        await expect(driver.putContent(path, bytes('x'))).rejects.toThrow(TypeError);
        await expect(sizeOf(driver, path)).rejects.toThrow(TypeError);
        await expect(driver.openReader(path)).rejects.toThrow(TypeError);
        await expect(driver.openWriter(path, 0)).rejects.toThrow(TypeError);
        await expect(driver.remove(path)).rejects.toThrow(TypeError);
        await expect(driver.list(path)).rejects.toThrow(TypeError);
        await expect(driver.survey(path, 'link')).rejects.toThrow(TypeError);
        await expect(driver.newestOf([path])).rejects.toThrow(TypeError);
        await expect(driver.readContent(path, 1)).rejects.toThrow(TypeError);
        await expect(driver.putDurably(path, bytes('x'))).rejects.toThrow(TypeError);
        await expect(driver.flushContent([path])).rejects.toThrow(TypeError);
        await expect(driver.move('a', path)).rejects.toThrow(TypeError);
        await expect(driver.move(path, 'a')).rejects.toThrow(TypeError);
        await expect(driver.makeDurable(path)).rejects.toThrow(TypeError);
        await expect(driver.openFence(path, 'a')).rejects.toThrow(TypeError);
        await expect(driver.openFence('a', path)).rejects.toThrow(TypeError);
        await expect(driver.removeThroughFence(path, 'a/b')).rejects.toThrow(TypeError);
        await expect(driver.removeThroughFence('a', path)).rejects.toThrow(TypeError);
        await expect(driver.breakFence(path)).rejects.toThrow(TypeError);
        await expect(driver.fencesOpenedBefore(path, 0)).rejects.toThrow(TypeError);
        await expect(driver.hash(path, 'sha256', 0, never)).rejects.toThrow(TypeError);
      });
      it('takes the names of the layout', async () => {
        const path = 'docker/registry/v2/repositories/a-b_c.d/__x/_uploads/0f/data.12';
        await driver.putContent(path, bytes('x'));
        expect(await content(path)).toBe('x');
      });
    });

    it('removes no file of a caller with what killed processes have left', async () => {
      await driver.removeLeftovers(Date.now() + 60_000);
      await driver.putContent('f', bytes('x'));
      await driver.putDurably('g', bytes('y'));
      await driver.removeLeftovers(Date.now() + 60_000);
      expect([await content('f'), await content('g')]).toEqual(['x', 'y']);
    });
    it('answers a probe', async () => {
      await driver.putContent('f', bytes('x'));
      await driver.probe();
    });
  });
}
