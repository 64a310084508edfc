import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/** Nobody can listen on the path. The message ends a sentence that begins with it: "is in use by another program". */
export class SocketTaken extends Error {
  override readonly name = 'SocketTaken';
}

/**
 * Removes the socket that a killed process has left behind, on which nobody else could listen.
 * @throws SocketTaken when somebody listens there, or when something else than a socket is there
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const kind = await kindOf(path);
  if (kind === 'nothing') return;
  if (kind === 'other') throw new SocketTaken('is there already, and is no socket; name another path');
  const answer = await tryToConnect(path);
  if (answer === 'ECONNREFUSED') await unlink(path);
  else if (answer !== 'ENOENT')
    throw new SocketTaken('is in use by another program; stop that one, or name another path');
}

async function kindOf(path: string): Promise<'nothing' | 'socket' | 'other'> {
  try {
    return (await lstat(path)).isSocket() ? 'socket' : 'other';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
    throw error;
  }
}

/** @returns the code of the error; undefined when somebody answers */
async function tryToConnect(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
