import { CONTENT_STATE } from '../../../../src/infrastructure/metadata/sql/content-state.js';
import { decodeDigest } from '../../../../src/infrastructure/metadata/sql/digest-codec.js';
import { blobPath } from '../../../../src/infrastructure/storage/layout/paths.js';
import type { CollectionWorld } from './collection-world.js';

interface LinkRow {
  readonly repository: string;
  readonly digest: Uint8Array;
  readonly size: number;
  readonly state: number;
}

/**
 * What is true between any two steps, whoever was killed where: the database has what clients have pushed, a manifest's
 * blobs are linked, a link's bytes are there. @returns what is not
 */
export async function checkWorld(world: CollectionWorld): Promise<readonly string[]> {
  const complaints = [...world.model.violations];
  const links = await checkLinks(world, complaints);
  const manifests = namesOf(
    world,
    'SELECT r.name AS repository, c.digest FROM manifest m JOIN repository r ON r.id = m.repository_id JOIN content c ON c.id = m.content_id',
  );
  const tags = new Map(
    world
      .rows<{ repository: string; name: string; digest: Uint8Array }>(
        'SELECT r.name AS repository, t.name, c.digest FROM tag t JOIN repository r ON r.id = t.repository_id JOIN content c ON c.id = t.content_id',
      )
      .map(({ repository, name, digest }) => [`${repository}:${name}`, decodeDigest(digest).toString()]),
  );
  let [manifestCount, tagCount, linkCount] = [0, 0, 0];
  for (const [name, repository] of world.model.repositories) {
    for (const [digest, { manifest, blobs }] of repository.manifests) {
      manifestCount += 1;
      if (!manifests.has(`${name}@${digest}`)) complaints.push(`manifest ${name}@${digest} is gone`);
      for (const { digestText } of manifest.references) {
        const held = blobs.has(digestText) ? links : manifests;
        const isThere = held.has(`${name}@${digestText}`);
        if (!isThere && !world.model.rules.sparse)
          complaints.push(`${name}@${digest} dangles: it lacks ${digestText}`);
      }
    }
    for (const [tag, digest] of repository.tags) {
      tagCount += 1;
      const found = tags.get(`${name}:${tag}`);
      if (found !== digest) complaints.push(`tag ${name}:${tag} points at ${found}, not at ${digest}`);
    }
    linkCount += repository.links.size;
    for (const digest of repository.links.keys()) {
      if (!links.has(`${name}@${digest}`)) complaints.push(`link ${name}@${digest} is gone`);
    }
  }
  if (links.size !== linkCount) complaints.push(`there are ${links.size} links, not ${linkCount}`);
  if (manifests.size !== manifestCount)
    complaints.push(`there are ${manifests.size} manifests, not ${manifestCount}`);
  if (tags.size !== tagCount) complaints.push(`there are ${tags.size} tags, not ${tagCount}`);
  return complaints;
}

async function checkLinks(world: CollectionWorld, complaints: string[]): Promise<ReadonlySet<string>> {
  const rows = world.rows<LinkRow>(
    'SELECT r.name AS repository, c.digest, c.size, c.state FROM blob_link l JOIN repository r ON r.id = l.repository_id JOIN content c ON c.id = l.content_id',
  );
  const links = new Set<string>();
  for (const { repository, digest: encoded, size, state } of rows) {
    const digest = decodeDigest(encoded);
    links.add(`${repository}@${digest.toString()}`);
    if (state !== CONTENT_STATE.present)
      complaints.push(`link ${repository}@${digest.toString()} to a content in state ${state}`);
    const stat = await world.driver.stat(blobPath(digest));
    if (stat?.size !== size) complaints.push(`link ${repository}@${digest.toString()} without its bytes`);
  }
  return links;
}

function namesOf(world: CollectionWorld, sql: string): ReadonlySet<string> {
  const rows = world.rows<{ repository: string; digest: Uint8Array }>(sql);
  return new Set(rows.map(({ repository, digest }) => `${repository}@${decodeDigest(digest).toString()}`));
}
