import { MetadataUnavailable } from '../application/ports/metadata/metadata-unavailable.js';
import { StorageFault } from '../application/ports/storage/storage-fault.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import type { Address } from '../interfaces/http/server.js';

const LISTEN: Readonly<Record<string, (where: string, port: number) => string>> = {
  EADDRINUSE: (where) => `${where} is in use by another program; stop that one, or name another port`,
  EACCES: (where, port) =>
    port < 1024
      ? `there is no permission to listen on ${where}; ports below 1024 need root, so name a higher one`
      : `there is no permission to listen on ${where}`,
  EADDRNOTAVAIL: (where) =>
    `this machine has no address ${where}; use 127.0.0.1, or leave the host out for all`,
  ENOTFOUND: (where) => `the host of ${where} is unknown`,
};

/** One sentence for why an address can not be listened on, with the key that names it. */
export function explainListenError(error: unknown, { host, port }: Address, key: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const explain = LISTEN[code];
  if (explain === undefined) return error;
  const where = `${host ?? ''}:${port}`;
  return new StartFailed(`${key}: ${explain(where, port)}.`, { cause: error });
}

const SYSTEM_FAULTS: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'ENOSPC',
  'EDQUOT',
  'EEXIST',
]);

/** One sentence for why storage can not be used; other errors stay as they are. */
export function explainStorageError(error: unknown): unknown {
  if (error instanceof StorageFault && error.kind === 'unsupported') {
    return new StartFailed(`${error.message}.`, { cause: error });
  }
  if (error instanceof StorageFault || error instanceof MetadataUnavailable) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return new StartFailed(`the storage cannot be used: ${error.message}${cause}.`, { cause: error });
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !SYSTEM_FAULTS.has(code)) return error;
  return new StartFailed(`the storage cannot be used: ${message}.`, { cause: error });
}
