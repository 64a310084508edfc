import type { StorageDriver, StorageEntry } from '../../../application/ports/storage/storage-driver.js';
import type { Found } from '../../../application/ports/storage/stored-tree.js';
import type { UploadFolder } from '../../../application/ports/storage/tree-inventory.js';
import { damageOfFault, LEADS_NOWHERE } from '../../../application/services/damage-of-fault.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadId } from '../../../domain/upload/upload-id.js';
import { lastActive, listedUploads, readStart } from './listed-uploads.js';
import { uploadPath, uploadsPath } from './paths.js';
import { RepositoryWalk } from './repository-walk.js';
import { damageOf, isAddressable, NO_FOLDER } from './tree-damage.js';

const IN_FLIGHT = 16;
/** What lies between the repositories is told by whoever asks for them. */
const NOBODY = (): void => undefined;

/** Walks the folders of uploads, of which a repository may have nothing else yet. */
export class UploadWalk {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async *entries(signal: AbortSignal): AsyncGenerator<Found<UploadFolder>> {
    for await (const name of new RepositoryWalk(this.#driver, NOBODY, ['_uploads']).names('', signal)) {
      const repository = RepositoryName.ofExisting(name);
      if (repository === undefined) yield damaged(name, uploadsPath(name), 'belongs to no repository');
      else yield* this.#of(repository, signal);
    }
  }

  async *#of(repository: RepositoryName, signal: AbortSignal): AsyncGenerator<Found<UploadFolder>> {
    const look = (entry: StorageEntry): Promise<Found<UploadFolder> | undefined> =>
      this.#look(repository, entry);
    const { listing } = this.#driver;
    if (listing !== undefined) {
      yield* listedUploads(this.#driver, listing, repository, signal);
      return;
    }
    const entries = await this.#list(repository);
    if ('kind' in entries) yield entries;
    else {
      for await (const found of mapInOrder(entries, IN_FLIGHT, look, signal)) {
        if (found !== undefined) yield found;
      }
    }
  }

  async #list(
    repository: RepositoryName,
  ): Promise<readonly StorageEntry[] | (Found<never> & { readonly kind: 'damaged' })> {
    const path = uploadsPath(repository.toString());
    try {
      return await this.#driver.list(path);
    } catch (error) {
      return { kind: 'damaged', damage: damageOfFault(error, path, repository.toString()) };
    }
  }

  /** Undefined when it is gone meanwhile. */
  async #look(
    repository: RepositoryName,
    { name, kind }: StorageEntry,
  ): Promise<Found<UploadFolder> | undefined> {
    const text = repository.toString();
    const path = `${uploadsPath(text)}/${name}`;
    const id = UploadId.parse(name);
    if (id === undefined || !isAddressable(name)) return damaged(text, path, 'is a name that no upload has');
    if (kind !== 'folder') return damaged(text, path, kind === 'file' ? NO_FOLDER : LEADS_NOWHERE);
    try {
      return await this.#measure(repository, id);
    } catch (error) {
      return { kind: 'damaged', damage: damageOfFault(error, path, text) };
    }
  }

  async #measure(repository: RepositoryName, id: UploadId): Promise<Found<UploadFolder> | undefined> {
    const path = uploadPath(repository, id);
    const inside = (await this.#driver.list(path)).filter(({ name }) => isAddressable(name));
    const paths = inside.map(({ name }) => `${path}/${name}`);
    const [changedAt, startedAt, stats] = await Promise.all([
      this.#driver.newestOf([path, ...paths]),
      readStart(this.#driver, repository, id),
      Promise.all(paths.map((each) => this.#driver.stat(each))),
    ]);
    if (changedAt === undefined) return undefined;
    const lastActiveAt = lastActive(changedAt, startedAt);
    const size = stats.reduce((sum, stat) => sum + (stat?.kind === 'file' ? stat.size : 0), 0);
    return { kind: 'found', value: { repository, id, size, lastActiveAt } };
  }
}

function damaged(repository: string, path: string, reason: string): Found<never> {
  return { kind: 'damaged', damage: damageOf(path, repository, reason) };
}
