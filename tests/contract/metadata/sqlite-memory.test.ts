import { blobIndexContract } from './blob-index.contract.js';
import { contentRegisterContract } from './content-register.contract.js';
import { listsContract } from './lists.contract.js';
import { manifestIndexContract } from './manifest-index.contract.js';
import { sqliteMemoryUnderTest } from './metadata-under-test.js';
import { nameJournalContract } from './name-journal.contract.js';
import { orphanScansContract } from './orphan-scans.contract.js';
import { referrerIndexContract } from './referrer-index.contract.js';
import { uploadSessionsContract } from './upload-sessions.contract.js';

blobIndexContract('SQLite in memory', sqliteMemoryUnderTest);
manifestIndexContract('SQLite in memory', sqliteMemoryUnderTest);
listsContract('SQLite in memory', sqliteMemoryUnderTest);
referrerIndexContract('SQLite in memory', sqliteMemoryUnderTest);
uploadSessionsContract('SQLite in memory', sqliteMemoryUnderTest);
nameJournalContract('SQLite in memory', sqliteMemoryUnderTest);
contentRegisterContract('SQLite in memory', sqliteMemoryUnderTest);
orphanScansContract('SQLite in memory', sqliteMemoryUnderTest);
