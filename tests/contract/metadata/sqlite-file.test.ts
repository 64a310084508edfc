import { blobIndexContract } from './blob-index.contract.js';
import { contentRegisterContract } from './content-register.contract.js';
import { listsContract } from './lists.contract.js';
import { manifestIndexContract } from './manifest-index.contract.js';
import { sqliteFileUnderTest } from './metadata-under-test.js';
import { nameJournalContract } from './name-journal.contract.js';
import { orphanScansContract } from './orphan-scans.contract.js';
import { referrerIndexContract } from './referrer-index.contract.js';
import { uploadSessionsContract } from './upload-sessions.contract.js';

blobIndexContract('SQLite in a file', sqliteFileUnderTest);
manifestIndexContract('SQLite in a file', sqliteFileUnderTest);
listsContract('SQLite in a file', sqliteFileUnderTest);
referrerIndexContract('SQLite in a file', sqliteFileUnderTest);
uploadSessionsContract('SQLite in a file', sqliteFileUnderTest);
nameJournalContract('SQLite in a file', sqliteFileUnderTest);
contentRegisterContract('SQLite in a file', sqliteFileUnderTest);
orphanScansContract('SQLite in a file', sqliteFileUnderTest);
