import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NamePublisher } from '../../../src/application/services/name-publisher.js';
import { ReplayNames } from '../../../src/application/use-cases/maintenance/replay-names.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import type { LinkedName } from '../../../src/domain/repository/linked-name.js';
import { ManifestContents } from '../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteNameJournal } from '../../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { VolatileBarrier } from '../../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { SingleInstance } from '../../../src/infrastructure/system/single-instance.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { LayoutLinkStore } from '../../../src/infrastructure/storage/layout/layout-link-store.js';
import { blobPath } from '../../../src/infrastructure/storage/layout/paths.js';
import { blobOf, pushImage, put, repository, tag } from '../../contract/metadata/metadata-actions.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { QUIET_CONTEXT } from '../../support/application-under-test.js';
import { ManualClock, NO_NOTES } from '../../support/fakes.js';
import { openDatabaseFile, scalar, type DatabaseFile } from './database-file.js';

/** A process that changes names and ends before it writes their links; the next one finds its rows. */
describe('the replay of link files', () => {
  let file: DatabaseFile;
  let heir: SqliteDatabase;
  let heirs: SqliteNameJournal;
  const driver = new MemoryDriver();
  const links = new LayoutLinkStore(driver);
  const v1: LinkedName = { kind: 'tag', repository: repository('a'), tag: tag('v1') };

  beforeEach(async () => {
    file = await openDatabaseFile();
    heir = await SqliteDatabase.open(file.path, unexpectedEnd);
    heirs = new SqliteNameJournal(heir, new ManifestContents(heir), () => false);
    for (const name of [v1]) await links.write([{ name, value: undefined }]);
  });
  afterEach(async () => {
    heir.close();
    await file.dispose();
  });

  const pending = () => scalar(file.raw, 'SELECT count(*) FROM journal');

  function replay(isAlive = false) {
    const journal = new SqliteNameJournal(heir, new ManifestContents(heir), () => isAlive);
    const names = new NamePublisher(
      journal,
      links,
      new VolatileBarrier(),
      NO_NOTES,
      new ManualClock(),
      QUIET_CONTEXT.logger,
    );
    return new ReplayNames(journal, links, names, new SingleInstance(false)).execute();
  }

  async function linkAt(target: Digest): Promise<void> {
    await links.write([{ name: v1, value: { target } }]);
  }

  it('writes the newest target over an older one that a killed process has written late', async () => {
    const first = await pushImage(file.ports, 'a', 'first', { tags: ['v1'] });
    const second = await pushImage(file.ports, 'a', 'second', { tags: ['v1'] });
    const third = await pushImage(file.ports, 'a', 'third', { tags: ['v1'] });
    // Whoever gave it the third target has flushed it and forgotten its row; then the one with the second woke up.
    file.raw.exec('DELETE FROM journal WHERE kind = 3 AND id = (SELECT max(id) FROM journal WHERE kind = 3)');
    await linkAt(second.digest);
    expect((await replay()).changedElsewhere).toEqual([]);
    expect(String(await links.read(v1))).toBe(third.digest.toString());
    expect(first.digest.equals(third.digest)).toBe(false);
  });

  it('writes every link and forgets every row', async () => {
    const manifest = await pushImage(file.ports, 'a', 'config', { layers: ['one', 'two'], tags: ['v1'] });
    const report = await replay();
    expect(report).toEqual({ written: 5, left: 0, changedElsewhere: [] });
    expect(String(await links.read(v1))).toBe(manifest.digest.toString());
    const revision = { kind: 'revision', repository: repository('a'), digest: manifest.digest } as const;
    expect(String(await links.read(revision))).toBe(manifest.digest.toString());
    expect(pending()).toBe(0);
  });

  it('removes the links of what was deleted', async () => {
    const manifest = await pushImage(file.ports, 'a', 'config', { tags: ['v1'] });
    await replay();
    await file.ports.manifests.delete(repository('a'), manifest.digest, 1);
    expect(await replay()).toEqual({ written: 2, left: 0, changedElsewhere: [] });
    expect(await links.read(v1)).toBeUndefined();
  });

  it('goes from any value that it has given the link to the newest', async () => {
    const one = await pushImage(file.ports, 'a', 'one', { tags: ['v1'] });
    const two = await pushImage(file.ports, 'a', 'two', { tags: ['v1'] });
    const three = await pushImage(file.ports, 'a', 'three', { tags: ['v1'] });
    for (const reached of [one, two, three]) {
      await linkAt(reached.digest);
      expect((await replay()).changedElsewhere).toEqual([]);
      expect(String(await links.read(v1))).toBe(three.digest.toString());
      await put(file.ports, 'a', one, { tags: ['v1'] });
      await put(file.ports, 'a', two, { tags: ['v1'] });
      await put(file.ports, 'a', three, { tags: ['v1'] });
    }
  });

  it('leaves a link alone that somebody else has changed meanwhile, and says so', async () => {
    const mine = await pushImage(file.ports, 'a', 'mine', { tags: ['v1'] });
    const theirs = await pushImage(file.ports, 'b', 'theirs');
    await linkAt(theirs.digest);
    const report = await replay();
    expect(report.changedElsewhere).toEqual([v1]);
    expect(String(await links.read(v1))).toBe(theirs.digest.toString());
    expect(mine.digest.equals(theirs.digest)).toBe(false);
    expect(pending()).toBe(0);
  });

  it('writes a link again that was taken away too late, over what another had made anew', async () => {
    const manifest = await pushImage(file.ports, 'a', 'config', { tags: ['v1'] });
    const revision = { kind: 'revision', repository: repository('a'), digest: manifest.digest } as const;
    await replay();
    await file.ports.manifests.delete(repository('a'), manifest.digest, 1);
    const deletion = scalar(file.raw, 'SELECT max(id) FROM journal');
    // Another process pushes it again, writes its links and forgets its rows; only then comes the removal.
    await put(file.ports, 'a', manifest, { tags: ['v1'] });
    file.raw.exec(`DELETE FROM journal WHERE id > ${String(deletion)}`);
    await links.write([{ name: revision, value: undefined }]);
    await links.write([{ name: v1, value: { target: manifest.digest } }]);
    expect((await replay()).changedElsewhere).toEqual([]);
    expect(String(await links.read(revision))).toBe(manifest.digest.toString());
  });

  it('writes a small blob whose bytes wait, whatever is at its digest, and lets go of them', async () => {
    const { digest, size } = blobOf('small');
    const blob = { digest, size };
    const push = { repository: repository('a'), blob, upload: undefined, now: 1 };
    await file.ports.blobs.store(push, Buffer.from('small'));
    await driver.putContent(blobPath(digest), Buffer.alloc(size));
    await links.write([{ name: { kind: 'layer', repository: repository('a'), digest }, value: undefined }]);
    expect(await replay()).toEqual({ written: 1, left: 0, changedElsewhere: [] });
    expect(Buffer.from((await driver.readContent(blobPath(digest), 100)) ?? []).toString()).toBe('small');
    expect(await heirs.waiting(digest)).toBeUndefined();
  });

  it('writes it although the link names something else, as an alias of the reference registry does', async () => {
    const { digest, size } = blobOf('small');
    const name = { kind: 'layer', repository: repository('a'), digest } as const;
    const push = { repository: repository('a'), blob: { digest, size }, upload: undefined, now: 1 };
    await file.ports.blobs.store(push, Buffer.from('small'));
    await driver.remove(blobPath(digest));
    await links.write([{ name, value: { target: blobOf('other').digest } }]);
    expect((await replay()).changedElsewhere).toEqual([]);
    expect((await driver.stat(blobPath(digest)))?.size).toBe(size);
    expect(String(await links.read(name))).toBe(digest.toString());
  });

  it('leaves the rows of a process that still runs to it', async () => {
    await pushImage(file.ports, 'a', 'config', { tags: ['v1'] });
    const before = pending();
    expect(await replay(true)).toEqual({ written: 0, left: 0, changedElsewhere: [] });
    expect(pending()).toBe(before);
  });
});
