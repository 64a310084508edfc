import { memoryUnderTest } from './storage-under-test.js';
import { blobStoreContract } from './blob-store.contract.js';
import { linkStoreContract } from './link-store.contract.js';
import { storedTreeContract } from './stored-tree.contract.js';
import { storageDriverContract } from './storage-driver.contract.js';
import { storageFilesContract } from './storage-files.contract.js';
import { treeInventoryContract } from './tree-inventory.contract.js';
import { treeOwnerContract } from './tree-owner.contract.js';
import { uploadStoreContract } from './upload-store.contract.js';

storageDriverContract('inmemory', memoryUnderTest);
storageFilesContract('inmemory', memoryUnderTest);
blobStoreContract('inmemory', memoryUnderTest);
uploadStoreContract('inmemory', memoryUnderTest);
treeOwnerContract('inmemory', memoryUnderTest);
linkStoreContract('inmemory', memoryUnderTest);
storedTreeContract('inmemory', memoryUnderTest);
treeInventoryContract('inmemory', memoryUnderTest);
