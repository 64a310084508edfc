import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { carryOverOutbox } from '../../../src/infrastructure/metadata/sqlite/carry-over-outbox.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteOutbox } from '../../../src/infrastructure/metadata/sqlite/sqlite-outbox.js';
import {
  beginPush,
  blobOf,
  image,
  NOW,
  pushBlob,
  pushImage,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { type MetadataPorts, portsOf, unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { eventOf } from '../../support/events.js';

describe('events of a change', () => {
  let database: SqliteDatabase;
  let ports: MetadataPorts;
  beforeEach(async () => {
    database = await SqliteDatabase.open(undefined, unexpectedEnd);
    ports = portsOf(database);
  });
  afterEach(() => database.close());

  const written = () => ports.outbox.after(0, 100).map(({ repository: name }) => name);
  const name = repository('a');

  /** Lets the transaction fail after everything was written. */
  function breakOutbox(): void {
    database.addTemporaryTables([
      "CREATE TEMP TRIGGER full AFTER INSERT ON outbox_event BEGIN SELECT raise(ABORT, 'full'); END",
    ]);
  }

  it('are in the outbox when the change is, and not before', async () => {
    const push = { ...(await beginPush(ports, 'a', 'x')), events: [eventOf('pushed')] };
    const reservation = await ports.blobs.reserve(push);
    if (reservation.kind !== 'reserved') throw new Error(reservation.kind);
    expect(written()).toEqual([]);
    expect(await ports.blobs.commit(push, 4711)).toBeUndefined();
    expect(written()).toEqual([]);
    await ports.blobs.commit(push, reservation.contentId);
    expect(written()).toEqual(['pushed']);
    const again = { ...(await beginPush(ports, 'b', 'x')), events: [eventOf('adopted')] };
    expect((await ports.blobs.reserve(again)).kind).toBe('adopted');
    expect(written()).toEqual(['pushed', 'adopted']);
  });

  it('do not come of what is refused', async () => {
    const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
    const events = [eventOf('never')];
    const none = {
      source: repository('nowhere'),
      digest: manifest.digest,
      mayUse: () => true,
      target: name,
      now: NOW,
    };
    await ports.manifests.put({
      repository: name,
      manifest: image('absent'),
      tags: [],
      sparse: false,
      now: NOW,
      events,
    });
    await ports.blobs.unlink(name, blobOf('config').digest, NOW, events);
    await ports.blobs.unlink(name, blobOf('absent').digest, NOW, events);
    await ports.blobs.mount({ ...none, tell: () => events });
    await ports.manifests.delete(name, blobOf('absent').digest, NOW, () => events);
    await ports.tags.delete(name, tag('absent'), NOW, events);
    expect(written()).toEqual([]);
  });

  it('take the change with them when they can not be written', async () => {
    const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1'] });
    await pushBlob(ports, 'b', 'config');
    breakOutbox();
    const events = [eventOf('a')];
    await expect(ports.tags.delete(name, tag('v1'), NOW, events)).rejects.toThrow();
    await expect(ports.manifests.delete(name, manifest.digest, NOW, () => events)).rejects.toThrow();
    await expect(ports.blobs.unlink(repository('b'), blobOf('config').digest, NOW, events)).rejects.toThrow();
    expect(await ports.tags.page(name, { after: undefined, limit: 10 })).toEqual(['v1']);
    expect(await ports.manifests.find(name, manifest.digest)).toBeDefined();
    expect(await ports.blobs.find(repository('b'), blobOf('config').digest)).toBeDefined();
    const push = { ...(await beginPush(ports, 'c', 'config')), events };
    await expect(ports.blobs.reserve(push)).rejects.toThrow();
    expect(await ports.blobs.find(repository('c'), blobOf('config').digest)).toBeUndefined();
    expect(written()).toEqual([]);
  });

  it('of a delete know the tags that go with the manifest', async () => {
    const manifest = await pushImage(ports, 'a', 'config', { tags: ['v1', 'v2'] });
    await ports.manifests.delete(name, manifest.digest, NOW, (tags) =>
      tags.map((each) => eventOf(`deleted-${each.toString()}`)),
    );
    expect(written().toSorted()).toEqual(['deleted-v1', 'deleted-v2']);
  });

  it('of a mount know the size and where it comes from', async () => {
    const digest = await pushBlob(ports, 'a', 'content');
    const target = repository('b');
    let found: unknown;
    await ports.blobs.mount({
      digest,
      source: 'anywhere',
      mayUse: () => true,
      target,
      now: NOW,
      tell: (mounted) => {
        found = mounted;
        return [];
      },
    });
    expect(found).toEqual({ size: 7, source: 'a' });
  });
});

describe('a database that is made anew', () => {
  const opened: SqliteDatabase[] = [];
  afterEach(() => {
    for (const database of opened.splice(0)) database.close();
  });

  async function open(): Promise<SqliteDatabase> {
    const database = await SqliteDatabase.open(undefined, unexpectedEnd);
    opened.push(database);
    return database;
  }

  async function carriedOver(
    prepare: (outbox: SqliteOutbox) => Promise<void>,
  ): Promise<[SqliteOutbox, SqliteOutbox]> {
    const [former, next] = [await open(), await open()];
    const outbox = new SqliteOutbox(former);
    await prepare(outbox);
    await carryOverOutbox(former, next);
    return [outbox, new SqliteOutbox(next)];
  }

  const progress = { delivered: 1, failures: 2, lastError: 'status 500', lastAttempt: 3, retryAt: 4 };

  it('has what endpoints have still to be told, and how far they are', async () => {
    const [former, next] = await carriedOver(async (outbox) => {
      await outbox.register(['hook']);
      await outbox.append([eventOf('a'), eventOf('b'), eventOf('c')]);
      await outbox.advance([{ name: 'hook', deliveredThrough: 1, ...progress }]);
      await outbox.removeDelivered(10);
    });
    expect(next.after(0, 10)).toEqual(former.after(0, 10));
    expect(next.read(2)).toEqual(former.read(2));
    expect(next.endpoints()).toEqual(former.endpoints().map((state) => ({ ...state, retryAt: undefined })));
  });

  it('gives no id again, so that what comes is behind every endpoint', async () => {
    const [, next] = await carriedOver(async (outbox) => {
      await outbox.register(['hook']);
      await outbox.append([eventOf('a'), eventOf('b')]);
      await outbox.advance([{ name: 'hook', deliveredThrough: 2, ...progress }]);
      await outbox.removeDelivered(10);
    });
    expect(next.end()).toEqual({ newest: 2, oldest: undefined });
    await next.append([eventOf('c')]);
    expect(next.after(2, 10)).toEqual([expect.objectContaining({ id: 3, repository: 'c' })]);
  });
});
