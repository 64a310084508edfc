import { StorageFault, type StorageFaultKind } from '../../../../application/ports/storage/storage-fault.js';

const KINDS: Readonly<Record<string, StorageFaultKind>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EMFILE: 'too-many-open-files',
  ENFILE: 'too-many-open-files',
  EACCES: 'denied',
  EPERM: 'denied',
};

/** The code of a system error (`ENOENT`); undefined for any other value. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error says that nothing is at the path. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Whether what a call needed may just have been removed; ESTALE is how network file systems say so. */
export function mayHaveVanished(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ESTALE';
}

/** What a call gives; undefined when nothing is at its path. */
export async function orMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Runs a call and throws what the system refused as StorageFault; every other error passes as it is.
 * @param doing what was tried, as in `write blobs/…/data`
 */
export async function withStorageFaults<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toStorageFault(doing, error);
  }
}

/** What is no error of the system stays as it is. */
export function toStorageFault(doing: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof StorageFault) return error;
  return new StorageFault(KINDS[code] ?? 'broken', `cannot ${doing}: ${code}`, error);
}
