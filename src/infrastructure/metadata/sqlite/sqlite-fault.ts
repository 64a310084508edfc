import { MetadataUnavailable } from '../../../application/ports/metadata/metadata-unavailable.js';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const PRIMARY = { busy: 5, readOnly: 8, ioError: 10, full: 13, cannotOpen: 14 } as const;
/** SQLITE_CORRUPT, SQLITE_NOTADB */
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);
/** SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC */
const SYNC_FAILED: ReadonlySet<number> = new Set([1034, 1290]);

/** What SQLite calls them (sqlite3_errstr): the library tells a fault of `all` by its words alone. */
const BY_WORDS: ReadonlyMap<string, number> = new Map([
  ['database is locked', PRIMARY.busy],
  ['attempt to write a readonly database', PRIMARY.readOnly],
  ['disk I/O error', PRIMARY.ioError],
  ['database disk image is malformed', 11],
  ['database or disk is full', PRIMARY.full],
  ['unable to open database file', PRIMARY.cannotOpen],
  ['file is not a database', 26],
]);

function extendedCode(error: unknown): number {
  if (error instanceof MetadataUnavailable) return extendedCode(error.cause);
  if (!(error instanceof Error)) return 0;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode;
  return 'code' in error && error.code === 'ERR_SQLITE_ERROR' ? (BY_WORDS.get(error.message) ?? 0) : 0;
}

export function isBusy(error: unknown): boolean {
  return (extendedCode(error) & 255) === PRIMARY.busy;
}

/** What is at the path is no database, or no whole one. */
export function isNoDatabase(error: unknown): boolean {
  return DAMAGED.has(extendedCode(error) & 255);
}

/** A sync that failed is final: the next one would succeed over pages that are lost. */
export function isFailedSync(error: unknown): boolean {
  return SYNC_FAILED.has(extendedCode(error));
}

/** A fault of the disk or of a lock as a refusal with a sentence; any other error as it is. */
export function sqliteFault(error: unknown): unknown {
  if (error instanceof MetadataUnavailable) return error;
  switch (extendedCode(error) & 255) {
    case PRIMARY.busy:
      return new MetadataUnavailable('another process holds the metadata database locked', 1, error);
    case PRIMARY.full:
      return new MetadataUnavailable('the disk that holds the metadata database is full', 30, error);
    case PRIMARY.readOnly:
      return new MetadataUnavailable('the metadata database can not be written: it is read-only', 30, error);
    case PRIMARY.ioError:
    case PRIMARY.cannotOpen:
      return new MetadataUnavailable('the disk that holds the metadata database fails', 30, error);
    default:
      return error;
  }
}
