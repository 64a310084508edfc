import { MetadataUnavailable } from '../application/ports/metadata/metadata-unavailable.js';
import { StorageFault } from '../application/ports/storage/storage-fault.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import type { ListenAddress, SocketPath } from '../infrastructure/config/config.js';
import { isSocketPath } from '../infrastructure/config/listen-address.js';
import { SocketTaken } from '../infrastructure/system/stale-socket.js';

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

const LISTEN_ON_SOCKET: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program; stop that one, or name another path',
  EACCES: 'cannot be made: there is no permission to write into its folder',
  ENOENT: 'cannot be made: its folder does not exist',
  ENOTDIR: 'cannot be made: a part of its path is no folder',
  EROFS: 'cannot be made: its file system is read-only',
};

/** One sentence for why it can not be listened there, with the key that names the place. */
export function explainListenError(error: unknown, place: ListenAddress | SocketPath, key: string): unknown {
  const reason = isSocketPath(place) ? reasonOfSocket(error, place) : reasonOfAddress(error, place);
  return reason === undefined ? error : new StartFailed(`${key}: ${reason}.`, { cause: error });
}

function reasonOfAddress(error: unknown, address: ListenAddress): string | undefined {
  const where = `${address.host ?? ''}:${address.port}`;
  return LISTEN[codeOf(error)]?.(where, address.port);
}

function reasonOfSocket(error: unknown, place: SocketPath): string | undefined {
  const fault = error instanceof SocketTaken ? error.message : LISTEN_ON_SOCKET[codeOf(error)];
  return fault === undefined ? undefined : `${place.path} ${fault}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
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
