import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MetadataUnavailable } from '../../../src/application/ports/metadata/metadata-unavailable.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import {
  image,
  pushBlob,
  pushImage,
  put,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd, type MetadataPorts } from '../../contract/metadata/metadata-under-test.js';

/** Mounting needs root and a kernel that allows it. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

const lacks = canMount() ? '' : ' (lacks: the right to mount a tmpfs)';

describe.skipIf(lacks !== '')(`on a full disk${lacks}`, () => {
  let folder: string;
  let database: SqliteDatabase;
  let ports: MetadataPorts;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
    database = await SqliteDatabase.open(join(folder, 'metadata.db'), unexpectedEnd);
    ports = portsOf(database);
  });
  afterEach(async () => {
    rmSync(ballast(), { force: true });
    database.close();
    execFileSync('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true });
  });

  const ballast = (): string => join(folder, 'ballast');
  /** Leaves `left` bytes. */
  const fill = (left: number): void => {
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(ballast(), Buffer.alloc(Math.max(bavail * bsize - left, 0)));
  };

  it('a push is refused with a sentence, reads go on, and it works again when there is space', async () => {
    const kept = await pushBlob(ports, 'a', 'kept');
    fill(0);
    const refusal: unknown = await pushBlob(ports, 'a', 'x').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MetadataUnavailable);
    expect(String(refusal)).toContain('the disk that holds the metadata database is full');
    expect(await ports.blobs.find(repository('a'), kept)).toBeDefined();
    rmSync(ballast());
    const digest = await pushBlob(ports, 'a', 'x');
    expect(await ports.blobs.find(repository('a'), digest)).toBeDefined();
  });

  it('a manifest is stored whole or not at all, wherever the space runs out', async () => {
    await pushBlob(ports, 'a', 'config');
    await pushImage(ports, 'a', 'former', { tags: ['latest'] });
    const former = await ports.manifests.find(repository('a'), tag('latest'));
    let refused = 0;
    for (let left = 0; left < 200_000; left += 4096) {
      fill(left);
      const manifest = image('config', { note: String(left).repeat(10_000) });
      const outcome = await put(ports, 'a', manifest, { tags: ['latest'] }).catch((error: unknown) => error);
      const found = await ports.manifests.load(repository('a'), manifest.digest);
      const tagged = await ports.manifests.find(repository('a'), tag('latest'));
      if (outcome instanceof MetadataUnavailable) {
        refused += 1;
        expect(found).toBeUndefined();
        expect(tagged?.digest.toString()).toBe(former?.digest.toString());
      } else {
        expect(outcome).toMatchObject({ kind: 'stored' });
        expect(found?.bytes.equals(manifest.bytes)).toBe(true);
        expect(tagged?.digest.toString()).toBe(manifest.digest.toString());
        break;
      }
      rmSync(ballast());
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('closing says so, loses nothing and leaves the WAL to the next start', async () => {
    const path = join(folder, 'other.db');
    const other = await SqliteDatabase.open(path, unexpectedEnd);
    const kept = await pushBlob(portsOf(other), 'a', 'kept');
    fill(0);
    expect(() => other.close()).toThrow(MetadataUnavailable);
    rmSync(ballast());
    const again = await SqliteDatabase.open(path, unexpectedEnd);
    expect(await portsOf(again).blobs.find(repository('a'), kept)).toBeDefined();
    again.close();
  });
});
