import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';
import { FilesystemDriver } from '../../../src/infrastructure/storage/drivers/filesystem/filesystem-driver.js';
import { HashThread } from '../../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';
import { NodeFileSystem } from '../../../src/infrastructure/storage/drivers/filesystem/node-file-system.js';
import { AtMost } from '../../../src/application/services/at-most.js';

/** A driver over the file system as it is, with its threads. */
export function realDriver(root: string): FilesystemDriver {
  return new FilesystemDriver(root, new NodeFileSystem(new AtMost(4), new FileThread()), new HashThread());
}
