import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../src/application/ports/storage/storage-driver.js';
import { readWhole, sizeOf } from './storage-content.js';
import { traitsOf, type DriverUnderTest } from './storage-driver.contract.js';

const bytes = (text: string) => Buffer.from(text);

/** What the open files of every adapter of StorageDriver keep. */
export function storageFilesContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`open files of ${name}`, () => {
    let under: DriverUnderTest;
    let driver: StorageDriver;

    beforeEach(async () => {
      under = await make();
      driver = under.driver;
    });
    afterEach(() => under.dispose());

    const content = async (path: string) => readWhole(await driver.openReader(path));

    async function write(path: string, offset: number, ...chunks: string[]): Promise<boolean> {
      const writer = await driver.openWriter(path, offset);
      if (writer === undefined) return false;
      await writer.write(chunks.map(bytes));
      await writer.close();
      return true;
    }

    describe('a writer', () => {
      it('makes folders and an empty file at offset 0', async () => {
        expect(await write('a/b/c', 0)).toBe(true);
        expect(await sizeOf(driver, 'a/b/c')).toBe(0);
      });
      it('appends chunks in the order given, calls that overlap included', async () => {
        const writer = await driver.openWriter('f', 0);
        await Promise.all([
          writer?.write([bytes('one '), bytes(''), bytes('two ')]),
          writer?.write([bytes('three ')]),
          writer?.write([bytes('four')]),
        ]);
        await writer?.flush();
        await writer?.close();
        expect(await content('f')).toBe('one two three four');
      });
      it('takes more chunks than one system call does', async () => {
        const chunks = Array.from({ length: 3000 }, (_, index) => String(index % 10));
        await write('f', 0, ...chunks);
        expect(await content('f')).toBe(chunks.join(''));
      });
      it('keeps its bytes when the caller reuses the chunk afterwards', async () => {
        const writer = await driver.openWriter('f', 0);
        const chunk = bytes('before');
        await writer?.write([chunk]);
        chunk.fill('x');
        await writer?.close();
        expect(await content('f')).toBe('before');
      });
      it('continues a file at its end', async () => {
        await write('f', 0, 'abc');
        await write('f', 3, 'def');
        expect(await content('f')).toBe('abcdef');
      });
      it('cuts off what is behind its offset', async () => {
        await write('f', 0, 'abc', 'defgh');
        await write('f', 2);
        expect(await sizeOf(driver, 'f')).toBe(2);
        await write('f', 2, 'X');
        expect(await content('f')).toBe('abX');
      });
      it('cuts off what an earlier writer added, before it has anything of its own', async () => {
        await write('f', 0, 'abc');
        await write('f', 3, 'def');
        await write('f', 3);
        expect(await content('f')).toBe('abc');
        expect(await driver.openWriter('f', 4)).toBeUndefined();
      });
      it('starts over at offset 0', async () => {
        await write('f', 0, 'something');
        await write('f', 0, 'new');
        expect(await content('f')).toBe('new');
      });
      it('never pads a file that is shorter than its offset', async () => {
        await write('f', 0, 'abc');
        expect(await driver.openWriter('f', 4)).toBeUndefined();
        expect(await content('f')).toBe('abc');
      });
      it('refuses to write or flush once it is closed, and may be closed twice', async () => {
        const writer = await driver.openWriter('f', 0);
        await writer?.close();
        await writer?.close();
        await expect(writer?.write([bytes('late')])).rejects.toThrow(/closed/);
        await expect(writer?.flush()).rejects.toThrow(/closed/);
        expect(await sizeOf(driver, 'f')).toBe(0);
      });
      it('has written everything when close resolves, calls in flight included', async () => {
        const writer = await driver.openWriter('f', 0);
        const writing = writer?.write([Buffer.alloc(3 * 1024 * 1024, 'x')]);
        await writer?.close();
        expect(await sizeOf(driver, 'f')).toBe(3 * 1024 * 1024);
        await writing;
      });
    });

    describe('a reader', () => {
      it('fills the buffer from a position', async () => {
        await driver.putContent('f', bytes('0123456789'));
        const reader = await driver.openReader('f');
        const buffer = Buffer.alloc(4);
        expect(await reader?.read(buffer, 3)).toBe(4);
        expect(buffer.toString()).toBe('3456');
        await reader?.close();
      });
      it.each([0, 1, 9])('begins at %d and reads anything else all the same', async (from) => {
        await driver.putContent('f', bytes('0123456789'));
        const reader = await driver.openReader('f', from);
        expect(reader?.size).toBe(10);
        const buffer = Buffer.alloc(3);
        expect(await reader?.read(buffer, from)).toBe(Math.min(3, 10 - from));
        expect(buffer.subarray(0, 1).toString()).toBe(String(from));
        for (const position of [4, 2, 7]) {
          expect(await reader?.read(buffer, position)).toBe(3);
          expect(buffer.toString()).toBe('0123456789'.slice(position, position + 3));
        }
        await reader?.close();
      });
      it('gives fewer bytes only at the end, and none behind it', async () => {
        await write('f', 0, '01234', '56789');
        const reader = await driver.openReader('f');
        const buffer = Buffer.alloc(8);
        expect(await reader?.read(buffer, 6)).toBe(4);
        expect(buffer.subarray(0, 4).toString()).toBe('6789');
        expect(await reader?.read(buffer, 10)).toBe(0);
        expect(await reader?.read(buffer, 11)).toBe(0);
        await reader?.close();
      });
      it('knows the size at the time it was opened', async () => {
        await write('f', 0, 'abc');
        const first = await driver.openReader('f');
        await write('f', 3, 'def');
        const second = await driver.openReader('f');
        expect([first?.size, second?.size]).toEqual([3, 6]);
        await first?.close();
        await second?.close();
      });
      it('stays readable after the file is removed', async () => {
        await driver.putContent('a/f', bytes('still here'));
        const reader = await driver.openReader('a/f');
        await driver.remove('a');
        expect(await content('a/f')).toBeUndefined();
        expect(await readWhole(reader)).toBe('still here');
      });
      it('stays readable after the file is moved away or another is moved over it', async () => {
        await driver.putContent('a', bytes('first'));
        await driver.putContent('b', bytes('second'));
        const first = await driver.openReader('a');
        const second = await driver.openReader('b');
        await driver.move('a', 'b');
        expect(await content('a')).toBe(traitsOf(under).move === 'copy' ? 'first' : undefined);
        expect(await content('b')).toBe('first');
        expect(await readWhole(first)).toBe('first');
        expect(await readWhole(second)).toBe('second');
      });
      it('does not hinder the others of its path when it is closed, even twice', async () => {
        await driver.putContent('f', bytes('shared'));
        const [one, two] = await Promise.all([driver.openReader('f'), driver.openReader('f')]);
        await one?.close();
        await one?.close();
        expect(await readWhole(two)).toBe('shared');
        expect(await content('f')).toBe('shared');
      });
    });
  });
}
