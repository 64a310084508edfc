import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { place, takeInto } from '../../../src/infrastructure/storage/drivers/filesystem/renames.js';

type Calls = NonNullable<Parameters<typeof place>[2]>;

describe('renames', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'stowage-renames-'));
    fs.mkdirSync(join(folder, 'a/b'), { recursive: true });
    fs.writeFileSync(join(folder, 'a/b/data'), 'x');
    fs.mkdirSync(join(folder, 'fence'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const at = (path: string) => join(folder, path);
  /** node:fs, of which one call fails the first `times` times. */
  function failing(name: keyof Calls, code: string, times = Infinity): Calls {
    let left = times;
    const real: Calls = fs;
    const call = (...passed: unknown[]): unknown => {
      if (left === 0) return Reflect.apply(real[name], real, passed);
      left -= 1;
      throw Object.assign(new Error(code), { code });
    };
    return { ...real, [name]: call };
  }

  describe('into a folder that may be gone', () => {
    const taken = () => takeInto(at('a/b/data'), at('fence/x'));

    it('take the file, and the folder that it leaves empty', () => {
      expect(taken()).toBe('gone');
      expect(fs.readdirSync(at('a'))).toEqual([]);
      expect(fs.readdirSync(at('fence'))).toEqual(['x']);
    });
    it('take the empty folder as well when the file is gone', () => {
      fs.rmSync(at('a/b/data'));
      expect(taken()).toBe('gone');
      expect(fs.readdirSync(at('a'))).toEqual([]);
    });
    it('change nothing when it is gone', () => {
      fs.rmdirSync(at('fence'));
      expect(taken()).toBe('fenced');
      expect(fs.readdirSync(at('a/b'))).toEqual(['data']);
      fs.rmSync(at('a/b/data'));
      expect(taken()).toBe('fenced');
      expect(fs.readdirSync(at('a'))).toEqual(['b']);
    });
    it.each(['ENOENT', 'ESTALE'])('look for it when they are refused with %s', (code) => {
      fs.rmSync(at('a/b/data'));
      const calls = failing('renameSync', code);
      expect(takeInto(at('a/b/data'), at('fence/x'), calls)).toBe('gone');
      fs.rmdirSync(at('fence'));
      expect(takeInto(at('a/b/data'), at('fence/x'), calls)).toBe('fenced');
    });
    it('tell nothing when it can not be looked for', () => {
      const calls = {
        ...failing('lstatSync', 'EIO'),
        renameSync: failing('renameSync', 'ENOENT').renameSync,
      };
      expect(() => takeInto(at('a/b/data'), at('fence/x'), calls)).toThrow('EIO');
    });
    it.each(['EACCES', 'EXDEV', 'EBUSY', 'EIO'])('are refused with %s, and all stays', (code) => {
      expect(() => takeInto(at('a/b/data'), at('fence/x'), failing('renameSync', code))).toThrow(code);
      expect(fs.readdirSync(at('a/b'))).toEqual(['data']);
    });
    it('are done although the folder that is left can not be removed', () => {
      expect(takeInto(at('a/b/data'), at('fence/x'), failing('rmdirSync', 'EBUSY'))).toBe('gone');
      expect(fs.readdirSync(at('a/b'))).toEqual([]);
    });
  });

  describe('into a folder that is made', () => {
    it.each([
      ['renameSync', 'ENOENT'],
      ['renameSync', 'ESTALE'],
      ['mkdirSync', 'ENOENT'],
    ] as const)('make it again when %s fails with %s and the file is there', (name, code) => {
      expect(place(at('a/b/data'), at('c/d'), failing(name, code, 5))).toBe(true);
      expect(fs.readdirSync(at('c'))).toEqual(['d']);
    });
    it.each(['ENOENT', 'ESTALE'])('end with %s when that helps not', (code) => {
      expect(() => place(at('a/b/data'), at('c/d'), failing('renameSync', code))).toThrow(code);
      expect(fs.readdirSync(at('a/b'))).toEqual(['data']);
    });
    it('end at once when there is no file', () => {
      expect(place(at('a/b/none'), at('c/d'))).toBe(false);
      expect(place(at('a/b/data/below'), at('c/d'))).toBe(false);
    });
    it('end at once when the folder can not be one', () => {
      expect(() => place(at('a/b/data'), at('a/b/data/below/d'))).toThrow('ENOTDIR');
      expect(() => place(at('a/b/data'), at('c/d'), failing('mkdirSync', 'EACCES'))).toThrow('EACCES');
    });
  });
});
