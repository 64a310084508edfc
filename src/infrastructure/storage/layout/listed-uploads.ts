import type { FileListing, ListedFile } from '../../../application/ports/storage/file-listing.js';
import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { Found } from '../../../application/ports/storage/stored-tree.js';
import type { UploadFolder } from '../../../application/ports/storage/tree-inventory.js';
import { damageOfFault } from '../../../application/services/damage-of-fault.js';
import { mapInOrder } from '../../../application/services/map-in-order.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadId } from '../../../domain/upload/upload-id.js';
import { filesOf } from './listed-files.js';
import { startedAtPath, uploadPath, uploadsPath } from './paths.js';
import { damageOf, isAddressable, NO_FOLDER } from './tree-damage.js';

const IN_FLIGHT = 16;
/** Longer than any time that is written there. */
const LONGEST_TIME = 64;

/** The files of one upload, put together. */
interface Listed {
  readonly name: string;
  size: number;
  changedAt: number;
  /** Whether anything lies in it: a file may have its name. */
  isFolder: boolean;
  hasStart: boolean;
}

/** The uploads of a repository on a storage that lists files. */
export async function* listedUploads(
  driver: StorageDriver,
  listing: FileListing,
  repository: RepositoryName,
  signal: AbortSignal,
): AsyncGenerator<Found<UploadFolder>> {
  const folder = uploadsPath(repository.toString());
  const look = (upload: Listed): Promise<Found<UploadFolder>> => measure(driver, repository, upload);
  const files = filesOf(listing, `${folder}/`, signal);
  yield* mapInOrder(together(files, folder), IN_FLIGHT, look, signal);
}

/** What is written there when an upload begins; undefined when nothing is. */
export function readStart(
  driver: StorageDriver,
  repository: RepositoryName,
  id: UploadId,
): Promise<Uint8Array | undefined> {
  return driver.readContent(startedAtPath(repository, id), LONGEST_TIME);
}

/** @param startedAt what is written there when an upload begins */
export function lastActive(changedAt: number, startedAt: Uint8Array | undefined): number {
  const began = startedAt === undefined ? NaN : Date.parse(Buffer.from(startedAt).toString());
  return Number.isNaN(began) ? changedAt : Math.max(began, changedAt);
}

async function* together(files: AsyncIterable<ListedFile>, folder: string): AsyncGenerator<Listed> {
  let upload: Listed | undefined;
  for await (const { path, size, changedAt } of files) {
    const [name = '', leaf, ...more] = path.slice(folder.length + 1).split('/');
    if (upload?.name !== name) {
      if (upload !== undefined) yield upload;
      upload = { name, size: 0, changedAt: 0, isFolder: false, hasStart: false };
    }
    if (leaf !== undefined && more.length === 0) upload.size += size;
    upload.changedAt = Math.max(upload.changedAt, changedAt);
    upload.isFolder ||= leaf !== undefined;
    upload.hasStart ||= leaf === 'startedat' && more.length === 0;
  }
  if (upload !== undefined) yield upload;
}

async function measure(
  driver: StorageDriver,
  repository: RepositoryName,
  { name, size, changedAt, isFolder, hasStart }: Listed,
): Promise<Found<UploadFolder>> {
  const text = repository.toString();
  const path = `${uploadsPath(text)}/${name}`;
  const damaged = (reason: string): Found<never> => ({
    kind: 'damaged',
    damage: damageOf(path, text, reason),
  });
  const id = UploadId.parse(name);
  if (id === undefined || !isAddressable(name)) return damaged('is a name that no upload has');
  if (!isFolder) return damaged(NO_FOLDER);
  try {
    const startedAt = hasStart ? await readStart(driver, repository, id) : undefined;
    return { kind: 'found', value: { repository, id, size, lastActiveAt: lastActive(changedAt, startedAt) } };
  } catch (error) {
    return { kind: 'damaged', damage: damageOfFault(error, uploadPath(repository, id), text) };
  }
}
