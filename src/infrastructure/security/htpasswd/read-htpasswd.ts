import { type FileHandle, open, stat } from 'node:fs/promises';
import { fileState } from '../../system/file-state.js';
import { type HtpasswdContent, LineBroken, parseHtpasswd } from './parse-htpasswd.js';
import { PasswordFileRefused } from '../../../application/ports/security/password-file.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'there is no permission',
  EPERM: 'there is no permission',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EROFS: 'it lies on a read-only file system',
  EBUSY: 'it is mounted by itself, so no other file can take its place: mount its folder',
};

/** A file of users as it was read. */
export interface ReadHtpasswd extends HtpasswdContent {
  /** Of the state that was read: another one has another. */
  readonly state: string;
}

/** @throws PasswordFileRefused */
export async function readHtpasswd(path: string): Promise<ReadHtpasswd> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    // Before the bytes: what is written meanwhile has another state than this.
    const state = fileState(await file.stat({ bigint: true }));
    return { ...parseHtpasswd(await file.readFile('utf8')), state };
  } catch (error) {
    throw refusedBecause(path, error);
  } finally {
    await file?.close();
  }
}

/** Whether the file is another than the one in that state. @throws PasswordFileRefused when it can not be looked at */
export async function isChanged(path: string, state: string): Promise<boolean> {
  try {
    return fileState(await stat(path, { bigint: true })) !== state;
  } catch (error) {
    throw refusedBecause(path, error);
  }
}

/** One sentence for what is wrong with a file; other errors stay as they are. */
export function refusedBecause(path: string, error: unknown): unknown {
  if (error instanceof LineBroken) {
    return new PasswordFileRefused(`line ${error.line} of ${path} is broken: ${error.message}.`, {
      cause: error,
    });
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return new PasswordFileRefused(
      `${path} does not exist. This makes it, with its first user: stowage htpasswd add ${path} <user>`,
      { cause: error },
    );
  }
  if (code === undefined) return error;
  return new PasswordFileRefused(`${path} cannot be used: ${REASONS[code] ?? message}.`, { cause: error });
}
