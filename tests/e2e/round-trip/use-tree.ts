import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

interface Stoppable {
  /** Does nothing where it does not run. */
  stop(): Promise<unknown>;
}

export interface TreeUnderTest {
  /** What programs are started on; the tree lies in its `data`. */
  readonly folder: string;
  /** Lets the program be stopped at the end, whatever happens in the test. */
  keep<P extends Stoppable>(program: P): P;
}

/** A folder for each test of the surrounding group, or one for the whole group. */
export function useTree(scope: 'test' | 'group'): TreeUnderTest {
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
    keep(program) {
      programs.push(program);
      return program;
    },
  };
}
