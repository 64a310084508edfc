import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeStaleSocket } from '../../../src/infrastructure/system/stale-socket.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

describe('the socket that a killed process leaves behind', () => {
  let temp: TempDir;
  let path: string;

  beforeEach(async () => {
    temp = await makeTempDir();
    path = join(temp.path, 'registry.sock');
  });
  afterEach(async () => temp.remove());

  it('is removed', async () => {
    await leaveSocket(path);
    await access(path);
    await removeStaleSocket(path);
    await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await removeStaleSocket(path);
  });

  it('is left alone while somebody listens on it', async () => {
    const server = createServer((socket) => socket.destroy());
    server.listen(path);
    await once(server, 'listening');
    try {
      await expect(removeStaleSocket(path)).rejects.toThrow('is in use by another program');
      await access(path);
    } finally {
      server.close();
    }
  });

  it.each([
    ['a file', async () => writeFile(path, 'mine')],
    ['a folder', async () => mkdir(path)],
    ['a link', async () => symlink('/dev/null', path)],
  ])('is not taken for %s', async (_what, make) => {
    await make();
    await expect(removeStaleSocket(path)).rejects.toThrow('is there already, and is no socket');
    await access(path);
  });
});

/** By a process that is killed while it listens. */
async function leaveSocket(path: string): Promise<void> {
  const program = `require('net').createServer().listen(process.argv[1], () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}
