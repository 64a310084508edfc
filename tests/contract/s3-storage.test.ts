import { randomUUID } from 'node:crypto';
import { ThreadedHashing } from '../../src/infrastructure/hashing/threaded-hashing.js';
import { S3Client } from '../../src/infrastructure/storage/drivers/s3/client/s3-client.js';
import { S3Driver } from '../../src/infrastructure/storage/drivers/s3/s3-driver.js';
import { PieceMemory } from '../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { describeWith } from '../support/tools.js';
import { OBJECT_STORE } from './storage-under-test.js';
import { blobRemovalContract } from './blob-removal.contract.js';
import { blobStoreContract } from './blob-store.contract.js';
import { fileListingContract } from './file-listing.contract.js';
import { linkStoreContract } from './link-store.contract.js';
import { repositoryNamesContract } from './repository-names.contract.js';
import { storedTreeContract } from './stored-tree.contract.js';
import { storageDriverContract, type DriverUnderTest } from './storage-driver.contract.js';
import { storageFilesContract } from './storage-files.contract.js';
import { treeChangesContract } from './tree-changes.contract.js';
import { treeInventoryContract } from './tree-inventory.contract.js';
import { treeOwnerContract } from './tree-owner.contract.js';
import { uploadStoreContract } from './upload-store.contract.js';

describeWith(NEEDS_RGW, 'storage in a bucket of RGW', () => {
  const use = useRgwBucket();

  async function make(): Promise<DriverUnderTest> {
    const hashing = new ThreadedHashing();
    const rootDirectory = randomUUID();
    const client = new S3Client({ ...use().options, rootdirectory: rootDirectory });
    const driver = new S3Driver(client, hashing, new PieceMemory(), { rootDirectory });
    return {
      driver,
      traits: OBJECT_STORE,
      dispose: async () => {
        await driver.close();
        await hashing.close();
      },
    };
  }

  storageDriverContract('s3', make);
  storageFilesContract('s3', make);
  fileListingContract('s3', make);
  blobRemovalContract('s3', make);
  blobStoreContract('s3', make);
  uploadStoreContract('s3', make);
  treeOwnerContract('s3', make);
  linkStoreContract('s3', make);
  storedTreeContract('s3', make);
  treeChangesContract('s3', make);
  treeInventoryContract('s3', make);
  repositoryNamesContract('s3', make);
});
