import type {
  StorageDriver,
  StorageReader,
  StorageWriter,
} from '../../../application/ports/storage/storage-driver.js';
import type { StagedFile, UploadStore } from '../../../application/ports/storage/upload-store.js';
import type { Digest, DigestAlgorithm } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import { stagedPath, startedAtPath, uploadPath } from './paths.js';

const PIECE = 1024 * 1024;

/** Upload sessions in the reference registry's tree, on any driver. */
export class LayoutUploadStore implements UploadStore {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async create(repository: RepositoryName, id: UploadId, startedAt: number): Promise<void> {
    const seconds = new Date(startedAt).toISOString().replace(/\.\d+Z$/, 'Z');
    await this.#driver.putContent(startedAtPath(repository, id), Buffer.from(seconds));
  }

  openWriter(staged: StagedFile, offset: number): Promise<StorageWriter | undefined> {
    return this.#driver.openWriter(stagedPath(staged), offset);
  }

  async size(staged: StagedFile): Promise<number | undefined> {
    const stat = await this.#driver.stat(stagedPath(staged));
    return stat?.kind === 'file' ? stat.size : undefined;
  }

  async copy(from: StagedFile, toFence: number, length: number): Promise<boolean> {
    const reader = await this.#driver.openReader(stagedPath(from));
    if (reader === undefined) return false;
    try {
      if (reader.size < length) return false;
      const writer = await this.#driver.openWriter(stagedPath({ ...from, fence: toFence }), 0);
      return writer !== undefined && (await copyBytes(reader, writer, length));
    } finally {
      await reader.close();
    }
  }

  hash(
    staged: StagedFile,
    algorithm: DigestAlgorithm,
    length: number,
    signal: AbortSignal,
  ): Promise<Digest | undefined> {
    return this.#driver.hash(stagedPath(staged), algorithm, length, signal);
  }

  async remove(repository: RepositoryName, id: UploadId): Promise<void> {
    await this.#driver.remove(uploadPath(repository, id));
  }
}

/** Flushed at its end: a closing request that brings no byte of its own flushes nothing. */
async function copyBytes(reader: StorageReader, writer: StorageWriter, length: number): Promise<boolean> {
  try {
    const buffer = new Uint8Array(Math.min(PIECE, length));
    for (let position = 0; position < length;) {
      const part = buffer.subarray(0, length - position);
      const got = await reader.read(part, position);
      if (got < part.length) return false;
      await writer.write([part]);
      position += got;
    }
    await writer.flush();
    return true;
  } finally {
    await writer.close();
  }
}
