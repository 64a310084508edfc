import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { TagHistory } from '../../../application/ports/storage/tag-history.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import { historyPath } from './paths.js';

/** The links that the reference registry keeps of a tag's past, on any driver. */
export class LayoutTagHistory implements TagHistory {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async has(repository: RepositoryName, tag: TagName, target: Digest): Promise<boolean> {
    const stat = await this.#driver.stat(historyPath(repository, tag, target));
    return stat?.kind === 'file';
  }
}
