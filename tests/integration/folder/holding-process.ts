import { SqliteFolderLock } from '../../../src/infrastructure/metadata/sqlite/sqlite-folder-lock.js';
import { SqliteInstances } from '../../../src/infrastructure/metadata/sqlite/sqlite-instances.js';
import { ManualClock } from '../../support/fakes.js';

/**
 * Holds a folder until its standard input ends; prints its instance when it holds it, and why not when it can not.
 * Arguments: the folder, `shared` or `alone`, the command that it says it is.
 */
const [root = '', how = '', command = ''] = process.argv.slice(2);
const instances = new SqliteInstances(`${root}/stowage/instances`, new ManualClock());
const lock = new SqliteFolderLock(
  { path: `${root}/stowage/lock.db`, of: `the folder ${root}` },
  instances,
  true,
);

function told(): string {
  try {
    lock.acquire(how === 'alone' ? 'alone' : 'shared');
    const takesIn = command === 'stowage serve';
    instances.begin(command, takesIn);
    if (process.argv[5] === 'compared') instances.noteComparedTree();
    return `held by ${instances.own.toString('hex')}`;
  } catch (error) {
    return String(error);
  }
}

process.stdout.write(`${told()}\n`);
process.stdin.resume().on('end', () => {
  instances.end();
  lock.release();
});
