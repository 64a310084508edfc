import type { RepositoryNames } from '../../../application/ports/storage/repository-names.js';
import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../application/ports/storage/storage-fault.js';
import { DIGEST_ALGORITHMS } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { linkPath, revisionsPath, tagsPath } from './paths.js';
import { parseDigest } from './stored-link.js';

interface Listed {
  readonly algorithm: string;
  readonly entries: readonly StorageEntry[];
}

/** Folders of manifests and tags in the reference registry's tree, on any driver that knows when folders were changed. */
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
