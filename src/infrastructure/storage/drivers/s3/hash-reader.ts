import type { StorageReader } from '../../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import type { RunningHash } from '../../../../application/ports/system/hashing.js';
import type { Digest } from '../../../../domain/content/digest.js';

const PIECE = 1024 * 1024;

/** The digest of the first `length` bytes. Rejects with the signal's reason as soon as it is aborted. */
export async function hashReader(
  reader: StorageReader,
  hash: RunningHash,
  length: number,
  signal: AbortSignal,
): Promise<Digest> {
  try {
    for (let position = 0; position < length;) {
      // Never used again: the hash holds on to what it has got.
      const part = new Uint8Array(Math.min(PIECE, length - position));
      await unlessAborted(reader.read(part, position), signal);
      await unlessAborted(hash.update([part]), signal);
      position += part.length;
    }
  } catch (error) {
    hash.drop();
    throw error;
  }
  const digest = await hash.digest();
  if (digest === undefined) throw new StorageFault('broken', 'the thread that hashes files has ended');
  return digest;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
