import type { FileListing, ListedFile } from '../../../../application/ports/storage/file-listing.js';
import type { ObjectStore } from './object-store.js';
import { wholeSeconds } from './store-time.js';

/** Files of a bucket by how their keys begin, a thousand in one request. */
export class S3FileListing implements FileListing {
  readonly #store: Pick<ObjectStore, 'list'>;
  readonly #root: string;

  /** @param root begins every key: empty, or it ends in a slash */
  constructor(store: Pick<ObjectStore, 'list'>, root: string) {
    this.#store = store;
    this.#root = root;
  }

  async *pages(prefix: string, after?: string): AsyncGenerator<readonly ListedFile[]> {
    const behind = after === undefined ? {} : { after: this.#root + after };
    for await (const { objects } of this.#store.list({ prefix: this.#root + prefix, ...behind })) {
      yield objects.map(({ key, size, modifiedAt, etag }) => ({
        path: key.slice(this.#root.length),
        size,
        changedAt: wholeSeconds(modifiedAt),
        checksum: etag,
      }));
    }
  }
}
