import { hash } from 'node:crypto';
import type { FileListing, ListedFile } from '../../../application/ports/storage/file-listing.js';

/** One by one. Rejects with the signal's reason when it is aborted. */
export async function* filesOf(
  listing: FileListing,
  prefix: string,
  signal: AbortSignal,
  after?: string,
): AsyncGenerator<ListedFile> {
  for await (const page of listing.pages(prefix, after)) {
    for (const file of page) {
      signal.throwIfAborted();
      yield file;
    }
  }
}

/** Whether it is plain that the file holds the text, which is in ASCII. When it is not, only reading it tells. */
export function plainlyHolds({ size, checksum }: ListedFile, text: string): boolean {
  return size === text.length && checksum === hash('md5', text, 'hex');
}

/** Behind everything whose path goes on behind the folder: the sign after the slash in byte order. */
export function endOf(folder: string): string {
  return `${folder}0`;
}
