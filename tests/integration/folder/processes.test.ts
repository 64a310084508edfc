import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUse } from '../../../src/application/ports/system/folder-in-use.js';
import { SqliteFolderLock } from '../../../src/infrastructure/metadata/sqlite/sqlite-folder-lock.js';
import { SqliteInstances } from '../../../src/infrastructure/metadata/sqlite/sqlite-instances.js';
import { ManualClock } from '../../support/fakes.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { Holder } from './holder.js';

describe('processes that use one folder', () => {
  let temp: TempDir;
  let root: string;
  let clock: ManualClock;
  let instances: SqliteInstances;
  let lock: SqliteFolderLock;
  const holders: Holder[] = [];
  const place = () => ({ path: join(root, 'stowage', 'lock.db'), of: `the folder ${root}` });
  beforeEach(async () => {
    temp = await makeTempDir();
    root = join(temp.path, 'root');
    clock = new ManualClock();
    instances = new SqliteInstances(join(root, 'stowage', 'instances'), clock);
    lock = new SqliteFolderLock(place(), instances, true);
  });
  afterEach(async () => {
    lock.release();
    instances.end();
    for (const holder of holders.splice(0)) await holder.kill9();
    await temp.remove();
  });
  const start = async (how: 'shared' | 'alone', command?: string, compared?: boolean): Promise<Holder> => {
    const holder = await Holder.start(root, how, command, compared);
    holders.push(holder);
    return holder;
  };
  const files = (): readonly string[] => readdirSync(join(root, 'stowage', 'instances'));

  describe('and its lock', () => {
    it('share it', async () => {
      lock.acquire('shared');
      expect((await start('shared')).said).toMatch(/^held by/);
      expect((await start('shared')).said).toMatch(/^held by/);
    });

    it('are refused while one has it alone, in a sentence that names it', async () => {
      const { pid } = await start('alone', 'stowage index rebuild');
      expect(() => lock.acquire('shared')).toThrow(FolderInUse);
      expect(() => lock.acquire('shared')).toThrow(
        new RegExp(
          `^the folder ${root} is in use by \`stowage index rebuild\` on host \\S+ since [-0-9T:]+Z, process ${pid}; stop it first$`,
        ),
      );
    });

    it('are not had alone while one shares it, and the reason is told', async () => {
      const { pid } = await start('shared', 'stowage serve');
      expect(() => lock.acquire('alone', 'because')).toThrow(
        new RegExp(`in use by \`stowage serve\` on .*, process ${pid}; stop it first: because$`),
      );
      const other = await start('alone');
      expect(other.said).toContain('is in use by `stowage serve`');
    });

    it.each(['shared', 'alone'] as const)(
      'are let in at once when one that held it %s is killed',
      async (how) => {
        const holder = await start(how);
        expect(() => lock.acquire('alone')).toThrow(FolderInUse);
        await holder.kill9();
        lock.acquire('alone');
        expect((await start('shared')).said).toContain('in use by another process');
      },
    );

    it('are let in when one ends in order', async () => {
      const holder = await start('alone');
      await holder.end();
      lock.acquire('alone');
    });

    it('only read where they can not write, as far as nobody has it alone', async () => {
      const readOnly = new SqliteFolderLock(place(), instances, false);
      readOnly.acquire('shared');
      expect(existsSync(root)).toBe(false);
      const holder = await start('alone');
      expect(() => readOnly.acquire('shared')).toThrow(FolderInUse);
      await holder.end();
      readOnly.acquire('shared');
      expect((await start('alone')).said).toContain('is in use by');
      readOnly.release();
    });
  });

  describe('and their instances', () => {
    it('see each other alive, and leave nothing when they end in order', async () => {
      instances.begin('stowage test', false);
      const other = await start('shared', 'stowage serve');
      expect(instances.isAlive(other.instance)).toBe(true);
      expect(instances.isAlive(instances.own)).toBe(true);
      expect(instances.others()).toMatchObject([{ command: 'stowage serve', pid: other.pid }]);
      expect(files()).toHaveLength(2);
      await other.end();
      expect(files()).toEqual([`${instances.own.toString('hex')}.db`]);
      clock.advance(1_000);
      expect(instances.isAlive(other.instance)).toBe(false);
      expect(instances.deadOnes()).toEqual([]);
      instances.end();
      expect(files()).toEqual([]);
    });

    it('find a killed one dead, within a second, until it is forgotten', async () => {
      const other = await start('shared');
      expect(instances.isAlive(other.instance)).toBe(true);
      expect(instances.deadOnes()).toEqual([]);
      await other.kill9();
      clock.advance(1_000);
      expect(instances.isAlive(other.instance)).toBe(false);
      expect(instances.deadOnes()).toEqual([other.instance]);
      expect(files()).toHaveLength(1);
      instances.forget(other.instance);
      expect(instances.deadOnes()).toEqual([]);
      expect(files()).toEqual([]);
      expect(instances.isAlive(other.instance)).toBe(false);
    });

    it('forget nothing that is alive', async () => {
      instances.begin('stowage test', false);
      const other = await start('shared');
      instances.forget(other.instance);
      instances.forget(instances.own);
      expect(files()).toHaveLength(2);
      expect(instances.isAlive(other.instance)).toBe(true);
    });

    it('are found dead by a third one when they are killed in the other direction', async () => {
      const first = await start('shared');
      const second = await start('shared');
      await first.kill9();
      expect(instances.deadOnes()).toEqual([first.instance]);
      expect(instances.isAlive(second.instance)).toBe(true);
    });

    it('are told of one that takes names in, until it has compared the tree or has ended', async () => {
      instances.begin('stowage serve', true);
      await start('shared', 'stowage test');
      expect(instances.othersTakeIn()).toBe(false);
      const taking = await start('shared', 'stowage serve');
      expect(instances.othersTakeIn()).toBe(true);
      await taking.kill9();
      expect(instances.othersTakeIn()).toBe(false);
      expect(instances.othersComparedTree()).toBe(false);
      const done = await start('shared', 'stowage serve', true);
      expect([instances.othersTakeIn(), instances.othersComparedTree()]).toEqual([false, true]);
      await done.kill9();
      expect(instances.othersComparedTree()).toBe(false);
      instances.forget(done.instance);
      expect(files().filter((name) => name.startsWith(done.instance.toString('hex')))).toEqual([]);
    });

    it('take what nobody has ever begun for dead', () => {
      expect(instances.isAlive(Buffer.alloc(16, 7))).toBe(false);
      instances.forget(Buffer.alloc(16, 7));
    });
  });
});
