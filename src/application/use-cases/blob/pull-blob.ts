import { Blob } from '../../../domain/content/blob.js';
import { BlobUnknown } from '../../../domain/content/blob-errors.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { BlobIndex } from '../../ports/metadata/blob-index.js';
import type { NameJournal } from '../../ports/metadata/name-journal.js';
import type { BlobStore } from '../../ports/storage/blob-store.js';
import { StorageFault } from '../../ports/storage/storage-fault.js';
import type { LocalFile, StorageReader } from '../../ports/storage/storage-driver.js';
import { BytesReader } from '../../services/bytes-reader.js';

/** A blob with its bytes; whoever gets it closes the reader. */
export interface PulledBlob {
  readonly blob: Blob;
  /**
   * Opens the bytes: not before they are needed, since an answer of 304 or 416 needs none.
   * @param from the position at which reading will begin (bytes)
   */
  open(from: number): Promise<StorageReader>;
  /** An address at which the client gets the bytes from the storage itself; undefined where there is none. */
  link(): Promise<string | undefined>;
  /** The file that has the bytes, for whoever can read it; undefined where there is none, or none of their number. */
  file(): Promise<LocalFile | undefined>;
}

/** Gives a repository's blob (OCI end-2, GET). */
export class PullBlob {
  readonly #blobs: BlobIndex;
  readonly #store: BlobStore;
  readonly #journal: Pick<NameJournal, 'waiting'>;

  constructor(blobs: BlobIndex, store: BlobStore, journal: Pick<NameJournal, 'waiting'>) {
    this.#blobs = blobs;
    this.#store = store;
    this.#journal = journal;
  }

  /** @throws BlobUnknown */
  async execute(request: { repository: RepositoryName; digest: Digest }): Promise<PulledBlob> {
    const { repository, digest } = request;
    const link = await this.#blobs.find(repository, digest);
    if (link === undefined) throw new BlobUnknown(digest.toString());
    const blob = new Blob(digest, link.size);
    return {
      blob,
      open: (from) => this.#open(repository, blob, from),
      link: () => this.#store.linkTo(digest),
      file: () => this.#file(blob),
    };
  }

  /**
   * As long as the database keeps the bytes of a small blob, its file may not be there yet, or be torn by a power loss.
   * So they are asked for first: when none are kept any more, the file is durable. A blob whose bytes are nowhere is
   * damage, never a quiet 404, unless the link has just gone too.
   */
  async #open(repository: RepositoryName, { digest, size }: Blob, from: number): Promise<StorageReader> {
    const waiting = await this.#journal.waiting(digest);
    if (waiting !== undefined) return new BytesReader(waiting.bytes);
    const reader = await this.#store.open(digest, from);
    if (reader?.size === size) return reader;
    await reader?.close();
    const stillLinked = await this.#blobs.find(repository, digest);
    if (stillLinked === undefined) throw new BlobUnknown(digest.toString());
    const found = reader === undefined ? 'no file' : `a file of ${reader.size} bytes`;
    throw new StorageFault(
      'broken',
      `blob ${digest.toString()} of ${size} bytes is damaged: there is ${found}`,
    );
  }

  /** Waiting bytes come first here too. What is damaged is told by whoever opens it. */
  async #file({ digest, size }: Blob): Promise<LocalFile | undefined> {
    const file = this.#store.fileOf(digest);
    if (file === undefined || (await this.#journal.waiting(digest)) !== undefined) return undefined;
    return (await this.#store.size(digest)) === size ? file : undefined;
  }
}
