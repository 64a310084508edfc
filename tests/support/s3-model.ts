import { ThreadedHashing } from '../../src/infrastructure/hashing/threaded-hashing.js';
import type { ObjectStore } from '../../src/infrastructure/storage/drivers/s3/object-store.js';
import { S3Driver, type S3DriverOptions } from '../../src/infrastructure/storage/drivers/s3/s3-driver.js';
import { PieceMemory } from '../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';

const hashing = new ThreadedHashing();

/** A driver as a process of its own would have it: it knows nothing of what others have written. */
export function freshDriver(
  store: ObjectStore,
  options: Partial<S3DriverOptions> = {},
  memory = new PieceMemory(),
): S3Driver {
  return new S3Driver(store, hashing, memory, {
    rootDirectory: 'root',
    trees: ['blobs', 'uploads'],
    ...options,
  });
}
