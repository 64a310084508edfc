import type { RepositoryNames } from '../../../application/ports/storage/repository-names.js';
import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type { FileListing } from '../../../application/ports/storage/file-listing.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import { TextList } from '../../../application/services/text-list.js';
import { Digest, DIGEST_ALGORITHMS } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { filesOf } from './listed-files.js';
import { linkPath, revisionsPath, storedPath, tagsPath } from './paths.js';
import { parseDigest } from './stored-link.js';

interface Listed {
  readonly algorithm: string;
  readonly entries: readonly StorageEntry[];
}

const NEVER = new AbortController().signal;

/**
 * Folders of manifests and tags in the reference registry's tree, by the times of folders, or, where folders have none,
 * by the times of links.
 */
export class LayoutRepositoryNames implements RepositoryNames {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async changedAt(repository: RepositoryName, eachTag: boolean): Promise<number | undefined> {
    try {
      return await this.#newest(repository, eachTag);
    } catch (error) {
      // One tag that may not be read would hide all the others.
      if (error instanceof StorageFault) return Infinity;
      throw error;
    }
  }

  async isAnyLinked(names: readonly LinkedName[]): Promise<boolean> {
    return (await this.#driver.newestOf(names.map(linkPath))) !== undefined;
  }

  async names(repository: RepositoryName): Promise<Iterable<LinkedName>> {
    const { listing } = this.#driver;
    if (listing !== undefined) return listedNames(listing, repository);
    const list = async (algorithm: string): Promise<Listed> => ({
      algorithm,
      entries: await this.#driver.list(`${revisionsPath(repository)}/${algorithm}`),
    });
    const [tags, ...revisions] = await Promise.all([
      this.#driver.list(tagsPath(repository)),
      ...DIGEST_ALGORITHMS.map((algorithm) => list(algorithm)),
    ]);
    return namesOf(repository, tags, revisions);
  }

  async #newest(repository: RepositoryName, eachTag: boolean): Promise<number | undefined> {
    const { listing } = this.#driver;
    if (listing !== undefined) return newestLink(listing, repository);
    const [tags, revisions] = [tagsPath(repository), revisionsPath(repository)];
    const algorithms = DIGEST_ALGORITHMS.map((algorithm) => `${revisions}/${algorithm}`);
    const folders = await this.#driver.newestOf([tags, revisions, ...algorithms]);
    if (!eachTag) return folders;
    const { newest } = await this.#driver.survey(tags, 'current/link');
    return folders === undefined || newest === undefined ? folders : Math.max(folders, newest);
  }
}

/** One by one: there may be a million. */
function* namesOf(
  repository: RepositoryName,
  tags: readonly StorageEntry[],
  revisions: readonly Listed[],
): Generator<LinkedName> {
  for (const { algorithm, entries } of revisions) {
    for (const { name } of entries) {
      const digest = parseDigest(`${algorithm}:${name}`);
      if (digest !== undefined) yield { kind: 'revision', repository, digest };
    }
  }
  for (const { name } of tags) {
    if (TagName.isValid(name)) yield { kind: 'tag', repository, tag: TagName.parse(name) };
  }
}

/** Of manifests and of what tags point at. */
async function newestLink(listing: FileListing, repository: RepositoryName): Promise<number | undefined> {
  let newest: number | undefined;
  for await (const { name, changedAt } of links(listing, repository)) {
    if (name !== undefined) newest = Math.max(newest ?? 0, changedAt);
  }
  return newest;
}

async function listedNames(listing: FileListing, repository: RepositoryName): Promise<Iterable<LinkedName>> {
  const revisions = new TextList();
  const tags = new TextList();
  for await (const { name } of links(listing, repository)) {
    if (name?.kind === 'revision') revisions.push(name.digest.toString());
    if (name?.kind === 'tag') tags.push(name.tag.toString());
  }
  return unpacked(repository, revisions, tags);
}

function* unpacked(repository: RepositoryName, revisions: TextList, tags: TextList): Generator<LinkedName> {
  for (const text of revisions) yield { kind: 'revision', repository, digest: Digest.parse(text) };
  for (const text of tags) yield { kind: 'tag', repository, tag: TagName.parse(text) };
}

/** Each file beside the manifests and tags of a repository, and the name of which it is the link. */
async function* links(
  listing: FileListing,
  repository: RepositoryName,
): AsyncGenerator<{ readonly name: LinkedName | undefined; readonly changedAt: number }> {
  const folder = `${storedPath(repository.toString())}/_manifests/`;
  for await (const { path, changedAt } of filesOf(listing, folder, NEVER)) {
    yield { name: nameAt(path.slice(folder.length), repository), changedAt };
  }
}

/** @param path below `_manifests` */
function nameAt(path: string, repository: RepositoryName): LinkedName | undefined {
  const [kind, first = '', second = '', leaf, ...more] = path.split('/');
  if (leaf !== 'link' || more.length > 0) return undefined;
  if (kind === 'tags') {
    if (second !== 'current' || !TagName.isValid(first)) return undefined;
    return { kind: 'tag', repository, tag: TagName.parse(first) };
  }
  const digest = kind === 'revisions' ? parseDigest(`${first}:${second}`) : undefined;
  return digest && { kind: 'revision', repository, digest };
}
