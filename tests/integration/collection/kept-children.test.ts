import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManifestContents } from '../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteManifestIndex } from '../../../src/infrastructure/metadata/sqlite/sqlite-manifest-index.js';
import { SqliteReviews } from '../../../src/infrastructure/metadata/sqlite/sqlite-reviews.js';
import {
  DAY,
  image,
  index,
  NOW,
  put,
  pushBlob,
  repository,
} from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd, type MetadataPorts } from '../../contract/metadata/metadata-under-test.js';
import { GRACE } from '../../support/fakes.js';

describe('an image that a tagged index listed when it was a blob of the repository', () => {
  let database: SqliteDatabase;
  let ports: MetadataPorts;
  const name = repository('a');
  const child = image('config');
  const parent = index([child.digest]);

  beforeEach(async () => {
    database = await SqliteDatabase.open(undefined, unexpectedEnd);
    ports = portsOf(database);
    await pushBlob(ports, 'a', 'config');
    await pushBlob(ports, 'a', child.bytes.toString());
    await put(ports, 'a', parent, { tags: ['v1'] });
    await put(ports, 'a', child);
  });
  afterEach(() => database.close());

  it('stays when manifests are collected that no tag reaches', async () => {
    const reviews = new SqliteReviews(database, GRACE);
    const moment = { now: NOW + 2 * DAY, dueUntil: NOW + 2 * DAY };
    const due = await reviews.dueManifests({ dueUntil: moment.dueUntil, after: undefined, limit: 10 });
    expect(due.map(({ digest }) => digest.toString())).toEqual([child.digest.toString()]);
    for (const each of due) expect(await reviews.reviewManifest(each, moment)).toEqual({ kind: 'kept' });
    const manifests = new SqliteManifestIndex(database, new ManifestContents(database), GRACE);
    expect(await manifests.find(name, child.digest)).toBeDefined();
  });

  it('can not be deleted before the index, and is looked at when that goes', async () => {
    expect(await ports.manifests.delete(name, child.digest, NOW)).toMatchObject({ kind: 'listed' });
    await ports.manifests.delete(name, parent.digest, NOW + DAY);
    const reviews = new SqliteReviews(database, GRACE);
    const due = await reviews.dueManifests({ dueUntil: NOW + 2 * DAY, after: undefined, limit: 10 });
    expect(due).toHaveLength(1);
    expect(await ports.manifests.delete(name, child.digest, NOW)).toMatchObject({ kind: 'deleted' });
  });
});
