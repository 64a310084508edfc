import { memoryUnderTest } from './storage-under-test.js';
import { blobRemovalContract } from './blob-removal.contract.js';
import { blobStoreContract } from './blob-store.contract.js';
import { linkStoreContract } from './link-store.contract.js';
import { storedTreeContract } from './stored-tree.contract.js';
import { storageDriverContract } from './storage-driver.contract.js';
import { storageFilesContract } from './storage-files.contract.js';
import { treeOwnerContract } from './tree-owner.contract.js';
import { uploadStoreContract } from './upload-store.contract.js';

storageDriverContract('inmemory', memoryUnderTest);
storageFilesContract('inmemory', memoryUnderTest);
blobRemovalContract('inmemory', memoryUnderTest);
blobStoreContract('inmemory', memoryUnderTest);
uploadStoreContract('inmemory', memoryUnderTest);
treeOwnerContract('inmemory', memoryUnderTest);
linkStoreContract('inmemory', memoryUnderTest);
storedTreeContract('inmemory', memoryUnderTest);
