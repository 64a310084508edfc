import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW, pushImage, repository, tag } from '../../contract/metadata/metadata-actions.js';
import { openDatabaseFile, type DatabaseFile } from './database-file.js';

/** Reads of one turn of the event loop share a snapshot once they are many. */
describe('many reads in one turn', () => {
  let file: DatabaseFile;
  const name = repository('a');
  const v1 = tag('v1');

  beforeEach(async () => {
    file = await openDatabaseFile();
    await pushImage(file.ports, 'a', 'config', { tags: ['v1'] });
    await readMany();
  });
  afterEach(() => file.dispose());

  /** Two turns: the first counts, the second shares. */
  async function readMany(): Promise<readonly boolean[]> {
    await setImmediate();
    await Promise.all(Array.from({ length: 10 }, () => file.ports.manifests.find(name, v1)));
    await setImmediate();
    const found = await Promise.all(Array.from({ length: 10 }, () => file.ports.manifests.find(name, v1)));
    return found.map((each) => each !== undefined);
  }

  it('see what another process has committed before the turn', async () => {
    file.raw.exec("DELETE FROM tag WHERE name = 'v1'");
    expect(new Set(await readMany())).toEqual(new Set([false]));
  });

  it('see what this process has committed in the middle of the turn', async () => {
    await readMany();
    const before = await file.ports.manifests.find(name, v1);
    const deleted = file.ports.tags.delete(name, v1, NOW);
    await deleted;
    expect(before).toBeDefined();
    expect(await file.ports.manifests.find(name, v1)).toBeUndefined();
  });

  it('do not keep the WAL from being reset in the next turn', async () => {
    await readMany();
    await setImmediate();
    const [result] = file.raw.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all() as { busy: number }[];
    expect(result?.busy).toBe(0);
  });

  it('do not stand in the way of a write of another process', async () => {
    const reads = readMany();
    file.raw.exec("DELETE FROM tag WHERE name = 'v1'");
    await reads;
    expect(await file.ports.manifests.find(name, v1)).toBeUndefined();
  });
});
