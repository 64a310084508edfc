import { CONTENT_STATE } from '../../../../src/infrastructure/metadata/sql/content-state.js';
import { decodeDigest } from '../../../../src/infrastructure/metadata/sql/digest-codec.js';
import { blobPath } from '../../../../src/infrastructure/storage/layout/paths.js';
import type { CollectionWorld } from './collection-world.js';
import type { ModelRepository } from './collection-model.js';

const LINKS = `SELECT r.name AS repository, c.digest, c.size, c.state, length(w.bytes) AS waiting FROM blob_link l
  JOIN repository r ON r.id = l.repository_id JOIN content c ON c.id = l.content_id
  LEFT JOIN waiting_bytes w ON w.content_id = c.id`;
const MANIFESTS = `SELECT r.name AS repository, c.digest FROM manifest m
  JOIN repository r ON r.id = m.repository_id JOIN content c ON c.id = m.content_id`;
const TAGS = `SELECT r.name AS repository, t.name, c.digest FROM tag t
  JOIN repository r ON r.id = t.repository_id JOIN content c ON c.id = t.content_id`;

/** What the database has, by `repository@digest` and `repository:tag`. */
interface Names {
  readonly links: ReadonlySet<string>;
  readonly manifests: ReadonlySet<string>;
  readonly tags: ReadonlyMap<string, string>;
}

/**
 * What is true between any two steps, whoever was killed where: the database has what clients have pushed, a manifest's
 * blobs are linked, a link's bytes are there or wait in the database. @returns what is not
 */
export async function checkWorld(world: CollectionWorld): Promise<readonly string[]> {
  const complaints = [...world.model.violations];
  const names: Names = {
    links: await checkLinks(world, complaints),
    manifests: new Set(world.rows(MANIFESTS).map((row) => `${String(row['repository'])}@${digestOf(row)}`)),
    tags: new Map(
      world.rows(TAGS).map((row) => [`${String(row['repository'])}:${String(row['name'])}`, digestOf(row)]),
    ),
  };
  const repositories = [...world.model.repositories];
  for (const [name, repository] of repositories) {
    checkManifests(world, name, repository, names, complaints);
    checkTags(name, repository, names, complaints);
  }
  const count = (kind: 'links' | 'manifests' | 'tags') => {
    const expected = repositories.reduce((sum, [, repository]) => sum + repository[kind].size, 0);
    if (names[kind].size !== expected)
      complaints.push(`there are ${names[kind].size} ${kind}, not ${expected}`);
  };
  count('links');
  count('manifests');
  count('tags');
  return complaints;
}

function checkManifests(
  { model }: CollectionWorld,
  name: string,
  repository: ModelRepository,
  { links, manifests }: Names,
  complaints: string[],
): void {
  for (const [digest, { manifest, blobs }] of repository.manifests) {
    if (!manifests.has(`${name}@${digest}`)) complaints.push(`manifest ${name}@${digest} is gone`);
    for (const { digestText } of manifest.references) {
      const held = blobs.has(digestText) ? links : manifests;
      const isLacking = !held.has(`${name}@${digestText}`) && !model.rules.sparse;
      if (isLacking) complaints.push(`${name}@${digest} dangles: it lacks ${digestText}`);
    }
  }
}

function checkTags(
  name: string,
  repository: ModelRepository,
  { links, tags }: Names,
  complaints: string[],
): void {
  for (const [tag, digest] of repository.tags) {
    const found = tags.get(`${name}:${tag}`);
    if (found !== digest) complaints.push(`tag ${name}:${tag} points at ${found}, not at ${digest}`);
  }
  for (const digest of repository.links.keys()) {
    if (!links.has(`${name}@${digest}`)) complaints.push(`link ${name}@${digest} is gone`);
  }
}

async function checkLinks(world: CollectionWorld, complaints: string[]): Promise<ReadonlySet<string>> {
  const links = new Set<string>();
  for (const row of world.rows(LINKS)) {
    const digest = decodeDigest(row['digest'] as Uint8Array);
    const link = `${String(row['repository'])}@${digest.toString()}`;
    links.add(link);
    if (row['state'] !== CONTENT_STATE.present)
      complaints.push(`link ${link} to a content in state ${String(row['state'])}`);
    if (row['waiting'] === row['size']) continue;
    const stat = await world.driver.stat(blobPath(digest));
    if (stat?.size !== row['size']) complaints.push(`link ${link} without its bytes`);
  }
  return links;
}

function digestOf(row: Record<string, unknown>): string {
  return decodeDigest(row['digest'] as Uint8Array).toString();
}
