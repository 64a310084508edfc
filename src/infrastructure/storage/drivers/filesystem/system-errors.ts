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

/**
 * What a failed call means for the caller. What is already a fault, or no error of the system, stays what it is.
 * @param doing what was tried, as in `write blobs/…/data`
 */
export function toStorageFault(error: unknown, doing: string): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof StorageFault) return error;
  return new StorageFault(KINDS[code] ?? 'broken', `cannot ${doing}: ${code}`, error);
}
