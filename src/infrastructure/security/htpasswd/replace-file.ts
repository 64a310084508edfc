import { chown, type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PasswordFileRefused } from '../../../application/ports/security/password-file.js';

/** For its owner alone. */
const MODE = 0o600;
/** How often, and with which pauses (ms), it waits for another that replaces the same file. */
const TRIES = 100;
const PAUSE = 50;

/**
 * Replaces a file at once: who reads it finds all of the former or all of the new content, also after a power loss. It
 * keeps its owner and mode. Of several that change the same file each sees what the one before has made.
 * @param change what is to be written; its argument is undefined when there is no file. When it throws nothing changes
 * @throws the system's errors, PasswordFileRefused
 */
export async function replaceFile(
  path: string,
  change: (content: Buffer | undefined) => Buffer,
): Promise<void> {
  const target = await followed(path);
  const part = `${target}.new`;
  const file = await openAlone(part);
  try {
    const former = await formerOf(target);
    await file.writeFile(change(former?.content));
    await file.chmod(former?.mode ?? MODE);
    if (former !== undefined) await chown(part, former.uid, former.gid);
    await file.sync();
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await syncFolder(dirname(target));
}

/** Where the file is that a link leads to: the link stays. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const folder = dirname(path);
  try {
    return join(await realpath(folder), basename(path));
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new PasswordFileRefused(`the folder ${folder} does not exist; make it first.`, { cause: error });
  }
}

async function openAlone(part: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open(part, 'wx', MODE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (attempt === TRIES) {
        throw new PasswordFileRefused(
          `${part} is in the way: another command changes the file, or was ended while it did. If none runs, remove it.`,
          { cause: error },
        );
      }
    }
    await sleep(PAUSE);
  }
}

interface Former {
  readonly content: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function formerOf(path: string): Promise<Former | undefined> {
  try {
    const { mode, uid, gid } = await stat(path);
    return { content: await readFile(path), mode, uid, gid };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
