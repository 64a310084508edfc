import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { ThreadLimit } from '../../../src/infrastructure/storage/drivers/filesystem/thread-limit.js';

/** A driver over the file system as it is, with its threads. */
export function realDriver(root: string): FilesystemDriver {
  return new FilesystemDriver(
    root,
    new NodeFileSystem(new ThreadLimit(4), new FileThread()),
    new HashThread(),
  );
}
