import { filesystemUnderTest } from './storage-under-test.js';
import { blobStoreContract } from './blob-store.contract.js';
import { linkStoreContract } from './link-store.contract.js';
import { storedTreeContract } from './stored-tree.contract.js';
import { storageDriverContract } from './storage-driver.contract.js';
import { storageFilesContract } from './storage-files.contract.js';
import { treeOwnerContract } from './tree-owner.contract.js';
import { treeChangesContract } from './tree-changes.contract.js';
import { uploadStoreContract } from './upload-store.contract.js';

storageDriverContract('filesystem', filesystemUnderTest);
storageFilesContract('filesystem', filesystemUnderTest);
blobStoreContract('filesystem', filesystemUnderTest);
uploadStoreContract('filesystem', filesystemUnderTest);
treeOwnerContract('filesystem', filesystemUnderTest);
linkStoreContract('filesystem', filesystemUnderTest);
storedTreeContract('filesystem', filesystemUnderTest);
treeChangesContract('filesystem', filesystemUnderTest);
