import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteDurabilityBarrier } from '../../../src/infrastructure/metadata/sqlite/sqlite-durability-barrier.js';
import { pushBlob, pushImage } from '../../contract/metadata/metadata-actions.js';
import { portsOf, unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';

/**
 * Pushes blobs that others push at the same time, and images of its own, four at a time; prints what it did.
 * Arguments: path of the database, name of its repository, how many of each.
 */
const [path = '', name = '', count = '0'] = process.argv.slice(2);
const database = await SqliteDatabase.open(path, unexpectedEnd);
const barrier = await SqliteDurabilityBarrier.open(`${path}-wal`, unexpectedEnd);
const ports = portsOf(database);
const faults: string[] = [];
let next = 0;
let pushed = 0;

async function pushSome(): Promise<void> {
  for (let at = next++; at < Number(count); at = next++) {
    await pushBlob(ports, 'shared', `shared ${at}`);
    await pushImage(ports, name, `config ${at}`, { tags: [`v${at}`] });
    await barrier.wait();
    pushed += 1;
  }
}

const results = await Promise.allSettled(Array.from({ length: 4 }, pushSome));
for (const result of results) if (result.status === 'rejected') faults.push(String(result.reason));
await barrier.close();
database.close();
process.stdout.write(JSON.stringify({ pushed, faults }));
