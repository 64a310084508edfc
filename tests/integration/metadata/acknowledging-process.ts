import { openSync, writeSync } from 'node:fs';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteDurabilityBarrier } from '../../../src/infrastructure/metadata/sqlite/sqlite-durability-barrier.js';
import { WalCheckpoint } from '../../../src/infrastructure/metadata/sqlite/wal-checkpoint.js';
import { pushBlob } from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';

/**
 * Pushes blobs, three at a time, beside frequent checkpoints, and writes the number of each into a file when it is
 * acknowledged. It runs under strace and ends without closing anything.
 * Arguments: path of the database, of the file of acknowledgements, how many, and `barrier` or `none`.
 */
const [path = '', acknowledgements = '', count = '0', barrierOrNone = ''] = process.argv.slice(2);
const database = await SqliteDatabase.open(path, unexpectedEnd);
const barrier = await SqliteDurabilityBarrier.open(`${path}-wal`, unexpectedEnd);
const ports = portsOf(database);
const acknowledged = openSync(acknowledgements, 'w');
const checkpoint = new WalCheckpoint(path, 256 * 1024);
setInterval(() => checkpoint.step(), 7);
let next = 0;

async function pushSome(): Promise<void> {
  for (let at = next++; at < Number(count); at = next++) {
    await pushBlob(ports, 'a', `blob ${at}`);
    if (barrierOrNone === 'barrier') await barrier.wait();
    writeSync(acknowledged, `${at}\n`);
  }
}

await Promise.all([pushSome(), pushSome(), pushSome()]);
process.exit(0);
