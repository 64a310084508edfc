import { modelOfS3UnderTest } from './storage-under-test.js';
import { blobRemovalContract } from './blob-removal.contract.js';
import { blobStoreContract } from './blob-store.contract.js';
import { fileListingContract } from './file-listing.contract.js';
import { linkStoreContract } from './link-store.contract.js';
import { repositoryNamesContract } from './repository-names.contract.js';
import { storedTreeContract } from './stored-tree.contract.js';
import { storageDriverContract } from './storage-driver.contract.js';
import { storageFilesContract } from './storage-files.contract.js';
import { treeChangesContract } from './tree-changes.contract.js';
import { treeInventoryContract } from './tree-inventory.contract.js';
import { treeOwnerContract } from './tree-owner.contract.js';
import { uploadStoreContract } from './upload-store.contract.js';

const NAME = 's3 over a model';

storageDriverContract(NAME, modelOfS3UnderTest);
storageFilesContract(NAME, modelOfS3UnderTest);
blobRemovalContract(NAME, modelOfS3UnderTest);
blobStoreContract(NAME, modelOfS3UnderTest);
uploadStoreContract(NAME, modelOfS3UnderTest);
treeOwnerContract(NAME, modelOfS3UnderTest);
linkStoreContract(NAME, modelOfS3UnderTest);
storedTreeContract(NAME, modelOfS3UnderTest);
treeInventoryContract(NAME, modelOfS3UnderTest);
fileListingContract(NAME, modelOfS3UnderTest);
treeChangesContract(NAME, modelOfS3UnderTest);
repositoryNamesContract(NAME, modelOfS3UnderTest);
