import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import type { TreePlace } from './tree-program.js';

interface Stoppable {
  /** Does nothing where it does not run. */
  stop(): Promise<unknown>;
}

/** What programs are started on. */
export interface TreeUnderTest extends TreePlace {
  /** Lets the program be stopped at the end, whatever happens in the test. */
  keep<P extends Stoppable>(program: P): P;
}

/**
 * A folder for each test of the surrounding group, or one for the whole group.
 * @param bucket `storage.s3` of a configuration, where the tree lies in a bucket
 */
export function useTree(
  scope: 'test' | 'group',
  bucket: () => TreePlace['bucket'] = () => undefined,
): TreeUnderTest {
  let temp: TempDir | undefined;
  let programs: Stoppable[] = [];
  const [before, after] = scope === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    temp = await makeTempDir();
  });
  after(async () => {
    for (const program of programs) await program.stop();
    programs = [];
    await temp?.remove();
  });
  return {
    get folder() {
      if (temp === undefined) throw new Error('used before it was made');
      return temp.path;
    },
    get bucket() {
      return bucket();
    },
    keep(program) {
      programs.push(program);
      return program;
    },
  };
}
