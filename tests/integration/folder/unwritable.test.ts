import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProgram } from '../../support/run-program.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { describeWith } from '../../support/tools.js';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROCESS = join(import.meta.dirname, 'refused-process.ts');
const USER = 65_532;

describeWith({ root: true }, 'a folder of another user', () => {
  let temp: TempDir;
  beforeEach(async () => {
    temp = await makeTempDir();
    await chmod(temp.path, 0o755);
  });
  afterEach(async () => temp.remove());

  it.each([
    ['may be looked into', 0o755],
    ['may not even be looked into', 0o700],
  ])('is refused in a sentence that names both users and what helps, when it %s', async (_what, mode) => {
    const root = join(temp.path, 'data');
    await mkdir(root);
    await chmod(root, mode);
    const words = ['--import', HOOKS, PROCESS, root, String(USER)];
    const { exitCode, stdout, stderr } = await runProgram(process.execPath, words, { timeout: 60_000 });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^the folder [^\n]+ cannot be written: [^\n]+\n$/);
    expect(stdout).toContain(`${root} belongs to user 0, and this process runs as user ${USER}`);
    expect(stdout).toContain(`chown -R ${USER}:${USER} ${root}`);
  });
});
