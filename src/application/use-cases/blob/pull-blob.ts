import { Blob, SMALL_BLOB } from '../../../domain/content/blob.js';
import { BlobUnknown } from '../../../domain/content/blob-errors.js';
import { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { BlobIndex } from '../../ports/metadata/blob-index.js';
import type { NameJournal } from '../../ports/metadata/name-journal.js';
import type { BlobStore } from '../../ports/storage/blob-store.js';
import type { RecentBlobs } from '../../ports/storage/recent-blobs.js';
import { StorageFault } from '../../ports/storage/storage-fault.js';
import type { LocalFile, StorageReader } from '../../ports/storage/storage-driver.js';
import { BytesReader } from '../../services/bytes-reader.js';

/** A blob with its bytes; whoever gets it closes the reader. */
export interface PulledBlob {
  readonly blob: Blob;
  /** All bytes of a small blob, compared with its digest; undefined of a larger one. Nobody may change them. */
  bytes(): Promise<Uint8Array | undefined>;
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
  readonly #recent: RecentBlobs;

  constructor(
    blobs: BlobIndex,
    store: BlobStore,
    journal: Pick<NameJournal, 'waiting'>,
    recent: RecentBlobs,
  ) {
    this.#blobs = blobs;
    this.#store = store;
    this.#journal = journal;
    this.#recent = recent;
  }

  /** @throws BlobUnknown */
  async execute(request: { repository: RepositoryName; digest: Digest }): Promise<PulledBlob> {
    const { repository, digest } = request;
    const link = await this.#blobs.find(repository, digest);
    if (link === undefined) throw new BlobUnknown(digest.toString());
    const blob = new Blob(digest, link.size);
    return {
      blob,
      bytes: () => this.#bytes(repository, blob),
      open: (from) => this.#open(repository, blob, from),
      link: () => this.#store.linkTo(digest),
      file: () => this.#file(blob),
    };
  }

  async #bytes(repository: RepositoryName, blob: Blob): Promise<Uint8Array | undefined> {
    const { digest, size } = blob;
    if (size > SMALL_BLOB) return undefined;
    const kept = this.#recent.find(digest);
    if (kept !== undefined) return kept;
    const bytes = await readAll(await this.#open(repository, blob, 0));
    const computed = Digest.of(digest.algorithm, bytes);
    if (!computed.equals(digest))
      throw damaged(blob, `a file whose bytes have the digest ${computed.toString()}`);
    this.#recent.keep(digest, bytes);
    return bytes;
  }

  /**
   * As long as the database keeps the bytes of a small blob, its file may not be there yet, or be torn by a power loss.
   * So they are asked for first: when none are kept any more, the file is durable. A blob whose bytes are nowhere is
   * damage, never a quiet 404, unless the link has just gone too.
   */
  async #open(repository: RepositoryName, blob: Blob, from: number): Promise<StorageReader> {
    const { digest, size } = blob;
    const waiting = await this.#journal.waiting(digest);
    if (waiting !== undefined) return new BytesReader(waiting.bytes);
    const reader = await this.#store.open(digest, from);
    if (reader?.size === size) return reader;
    await reader?.close();
    const stillLinked = await this.#blobs.find(repository, digest);
    if (stillLinked === undefined) throw new BlobUnknown(digest.toString());
    throw damaged(blob, reader === undefined ? 'no file' : `a file of ${reader.size} bytes`);
  }

  /** Waiting bytes come first here too. What is damaged is told by whoever opens it. */
  async #file({ digest, size }: Blob): Promise<LocalFile | undefined> {
    const file = this.#store.fileOf(digest);
    if (file === undefined || (await this.#journal.waiting(digest)) !== undefined) return undefined;
    return (await this.#store.size(digest)) === size ? file : undefined;
  }
}

/** Closes the reader. */
async function readAll(reader: StorageReader): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(reader.size);
    const got = await reader.read(bytes, 0);
    return bytes.subarray(0, got);
  } finally {
    await reader.close();
  }
}

function damaged({ digest, size }: Blob, found: string): StorageFault {
  return new StorageFault(
    'broken',
    `blob ${digest.toString()} of ${size} bytes is damaged: there is ${found}`,
  );
}
