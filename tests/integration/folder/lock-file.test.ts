import { DatabaseSync } from '@photostructure/sqlite';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  acquireExclusive,
  acquireShared,
  acquireSharedReadOnly,
  createHeld,
  isHeld,
  readNote,
  whileUnheld,
  type HeldLock,
} from '../../../src/infrastructure/metadata/sqlite/lock-file.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

describe('a lock file', () => {
  let temp: TempDir;
  let path: string;
  const held: HeldLock[] = [];
  beforeEach(async () => {
    temp = await makeTempDir();
    path = join(temp.path, 'a', 'lock.db');
  });
  afterEach(async () => {
    for (const lock of held.splice(0)) lock.release();
    await temp.remove();
  });
  const keep = <L extends HeldLock | undefined>(lock: L): L => {
    if (lock !== undefined) held.push(lock);
    return lock;
  };

  it('is made with its folder, alone, and stays when it is released', () => {
    keep(acquireShared(path));
    held.pop()?.release();
    keep(acquireExclusive(path));
    expect(readdirSync(join(temp.path, 'a'))).toEqual(['lock.db']);
  });

  it('is held by many who share it, and by nobody alone beside them', () => {
    expect(keep(acquireShared(path))).toBeDefined();
    expect(keep(acquireShared(path))).toBeDefined();
    expect(acquireExclusive(path)).toBeUndefined();
    held.pop()?.release();
    expect(acquireExclusive(path)).toBeUndefined();
    held.pop()?.release();
    expect(keep(acquireExclusive(path))).toBeDefined();
  });

  it('is held by nobody beside one who holds it alone', () => {
    keep(acquireExclusive(path));
    expect(acquireShared(path)).toBeUndefined();
    expect(acquireSharedReadOnly(path)).toBeUndefined();
    expect(acquireExclusive(path)).toBeUndefined();
  });

  it('can be shared by one who may not write, and keeps others from holding it alone', () => {
    expect(acquireSharedReadOnly(path)).toBe('absent');
    expect(existsSync(join(temp.path, 'a'))).toBe(false);
    keep(acquireShared(path));
    const lock = acquireSharedReadOnly(path);
    held.pop()?.release();
    expect(acquireExclusive(path)).toBeUndefined();
    (lock as HeldLock).release();
    expect(keep(acquireExclusive(path))).toBeDefined();
  });

  it.each([
    ['shared', acquireShared],
    ['alone', acquireExclusive],
    ['with a note', (at: string) => createHeld(at, 'note')],
  ])('that is held %s is found so, and free when it is released', (_how, acquire) => {
    const lock = acquire(path);
    expect(isHeld(path)).toBe(true);
    lock?.release();
    expect(isHeld(path)).toBe(false);
  });

  it('is not made by who only asks', () => {
    expect(isHeld(path)).toBe(false);
    expect(readNote(path)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it('shows its note while it is held and afterwards, and has no other name', () => {
    const lock = createHeld(path, `it's a "note"`);
    expect(readNote(path)).toBe(`it's a "note"`);
    expect(readdirSync(join(temp.path, 'a'))).toEqual(['lock.db']);
    lock.release();
    expect(readNote(path)).toBe(`it's a "note"`);
  });

  it('stays held when others have opened and closed it in the same process', () => {
    keep(createHeld(path, 'note'));
    for (let times = 0; times < 3; times += 1) {
      readNote(path);
      isHeld(path);
      new DatabaseSync(path).close();
      statSync(path);
    }
    expect(isHeld(path)).toBe(true);
  });

  it('lets nothing be done while it is held, and keeps it from being held meanwhile', () => {
    const lock = createHeld(path, 'note');
    let done = 0;
    const work = (): void => {
      done += 1;
    };
    expect(whileUnheld(path, work)).toBe('held');
    lock.release();
    expect(done).toBe(0);
    expect(
      whileUnheld(path, () => {
        work();
        expect(acquireShared(path)).toBeUndefined();
      }),
    ).toBe('free');
    expect(done).toBe(1);
  });

  it('that a power loss left as something else is not held, and has no note', () => {
    writeFileSync(join(temp.path, 'damaged.db'), 'x'.repeat(8192));
    const damaged = join(temp.path, 'damaged.db');
    expect(isHeld(damaged)).toBe(false);
    expect(readNote(damaged)).toBeUndefined();
  });
});
