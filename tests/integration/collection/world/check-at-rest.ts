import { DatabaseNames } from '../../../../src/application/services/database-names.js';
import { IndexComparison } from '../../../../src/application/services/index-comparison.js';
import { NameComparison } from '../../../../src/application/services/name-comparison.js';
import { SettledDifferences } from '../../../../src/application/services/settled-differences.js';
import { Digest } from '../../../../src/domain/content/digest.js';
import { Grace } from '../../../../src/domain/lifecycle/grace.js';
import { keyOfName } from '../../../../src/domain/repository/linked-name.js';
import { decodeDigest } from '../../../../src/infrastructure/metadata/sql/digest-codec.js';
import { ManifestContents } from '../../../../src/infrastructure/metadata/sqlite/manifest-contents.js';
import { SqliteBlobIndex } from '../../../../src/infrastructure/metadata/sqlite/sqlite-blob-index.js';
import { SqliteDatabase } from '../../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteNameJournal } from '../../../../src/infrastructure/metadata/sqlite/sqlite-name-journal.js';
import { SqliteRepositoryCatalog } from '../../../../src/infrastructure/metadata/sqlite/sqlite-repository-catalog.js';
import { SqliteStoredNames } from '../../../../src/infrastructure/metadata/sqlite/sqlite-stored-names.js';
import { SqliteTagIndex } from '../../../../src/infrastructure/metadata/sqlite/sqlite-tag-index.js';
import { LayoutLinkStore } from '../../../../src/infrastructure/storage/layout/layout-link-store.js';
import { LayoutStoredTree } from '../../../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { blobPath, blobsPath, fencesPath } from '../../../../src/infrastructure/storage/layout/paths.js';
import { unexpectedEnd } from '../../../contract/metadata/metadata-under-test.js';
import { ManualClock } from '../../../support/fakes.js';
import { unsettledRows } from './come-to-rest.js';
import { checkWorld } from './check-world.js';
import type { CollectionWorld } from './collection-world.js';

const NEVER = new AbortController().signal;

/**
 * What is true when all is collected and nobody does anything: what a kept manifest needs is there and readable, nothing
 * else is, neither in the database nor in the tree, and the two say the same. @returns what is not
 */
export async function checkAtRest(world: CollectionWorld, untagged = false): Promise<readonly string[]> {
  const complaints = [...(await checkWorld(world))];
  const needed = neededDigests(world);
  if (untagged) {
    checkKept(world, complaints);
    checkDeparted(world, complaints);
  }
  checkRows(world, needed, complaints);
  await checkBytes(world, needed, complaints);
  if ((await world.driver.list(fencesPath)).length > 0) complaints.push('there are fences');
  if ((await world.driver.fencesOpenedBefore(fencesPath, Number.MAX_SAFE_INTEGER)).length > 0) {
    complaints.push('a fence is open');
  }
  complaints.push(...(await differences(world)));
  return complaints;
}

function checkKept({ model }: CollectionWorld, complaints: string[]): void {
  for (const [name, repository] of model.repositories) {
    for (const digest of repository.manifests.keys()) {
      if (!model.isKept(repository, digest))
        complaints.push(`the manifest ${name}@${digest} is left, which nothing keeps`);
    }
  }
}

function checkDeparted(world: CollectionWorld, complaints: string[]): void {
  for (const row of world.rows('SELECT subject FROM departed_subject')) {
    const subject = decodeDigest(row['subject'] as Uint8Array).toString();
    complaints.push(`referrers of ${subject} are left to be looked at`);
  }
}

function neededDigests(world: CollectionWorld): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const [name, { manifests, links }] of world.model.repositories) {
    for (const digest of manifests.keys()) needed.add(digest);
    for (const digest of links.keys()) if (mayStay(world, name, digest)) needed.add(digest);
  }
  return needed;
}

/** Beside a manifest that lacks something, whatever it names counts as a blob as well. */
function mayStay({ model }: CollectionWorld, name: string, digest: string): boolean {
  return model.isReferenced(name, digest) || (model.rules.sparse && model.isNamed(name, digest));
}

function checkRows(world: CollectionWorld, needed: ReadonlySet<string>, complaints: string[]): void {
  const contents = world.rows('SELECT digest FROM content');
  const known = new Set(contents.map((row) => decodeDigest(row['digest'] as Uint8Array).toString()));
  for (const digest of known)
    if (!needed.has(digest)) complaints.push(`the row of ${digest} is left, which nothing needs`);
  for (const digest of needed) if (!known.has(digest)) complaints.push(`the row of ${digest} is gone`);
  for (const [name, { links }] of world.model.repositories) {
    for (const digest of links.keys()) {
      if (!mayStay(world, name, digest))
        complaints.push(`the link ${name}@${digest} is left, which nothing needs`);
    }
  }
  const unsettled = unsettledRows(world);
  if (unsettled > 0) complaints.push(`${unsettled} rows wait for something`);
}

async function checkBytes(
  world: CollectionWorld,
  needed: ReadonlySet<string>,
  complaints: string[],
): Promise<void> {
  const found = new Set(await blobsInTree(world));
  for (const digest of found) {
    if (!needed.has(digest) && !world.strays.has(digest))
      complaints.push(`the bytes of ${digest} are left, which nothing needs`);
  }
  for (const text of needed) {
    const digest = Digest.parse(text);
    const bytes = await world.driver.readContent(blobPath(digest), 1024 * 1024);
    if (bytes === undefined) complaints.push(`the bytes of ${text} are gone`);
    else if (!Digest.of(digest.algorithm, bytes).equals(digest))
      complaints.push(`the bytes of ${text} are others`);
  }
}

async function blobsInTree({ driver }: CollectionWorld): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name: algorithm } of await driver.list(blobsPath)) {
    for (const { name: prefix } of await driver.list(`${blobsPath}/${algorithm}`)) {
      const folders = await driver.list(`${blobsPath}/${algorithm}/${prefix}`);
      found.push(...folders.map(({ name }) => `${algorithm}:${name}`));
    }
  }
  return found;
}

async function differences(world: CollectionWorld): Promise<readonly string[]> {
  const database = await SqliteDatabase.open(world.path, unexpectedEnd);
  try {
    const grace = new Grace(world.model.rules.grace);
    const tree = new LayoutStoredTree(world.driver);
    const journal = new SqliteNameJournal(database, new ManifestContents(database), () => true);
    const blobs = new SqliteBlobIndex(database, grace);
    const comparison = new NameComparison(tree, new LayoutLinkStore(world.driver), journal, blobs);
    const names = new DatabaseNames(
      new SqliteRepositoryCatalog(database),
      new SqliteTagIndex(database, grace),
      new SqliteStoredNames(database),
    );
    const settled = new SettledDifferences(tree, comparison, new ManualClock());
    const walk = new IndexComparison(tree, names, comparison, settled);
    const progress = { repositories: 0, tags: 0, revisions: 0, layers: 0 };
    const found: string[] = [];
    for await (const difference of walk.differences(progress, NEVER)) {
      const name = 'name' in difference ? difference.name : difference.damage;
      // docs/collection-tests.md, what the tests allow.
      if (difference.kind === 'dangling' && world.model.leftInTree.has(keyOfName(difference.name))) continue;
      found.push(`tree and database differ: ${difference.kind} ${JSON.stringify(name)}`);
    }
    return found;
  } finally {
    database.close();
  }
}
