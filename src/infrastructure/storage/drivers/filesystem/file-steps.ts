import * as fs from 'node:fs';
import { dirname } from 'node:path';
import type { StorageEntry, StorageSurvey } from '../../../../application/ports/storage/storage-driver.js';
import type { FileStat, Replacement, Taken } from './file-system.js';
import { place, takeInto } from './renames.js';
import { isMissing, systemCode } from './system-errors.js';

/** What each step needs and gives. Paths are absolute. */
interface FileSteps {
  stat: { needs: { path: string }; gives: FileStat };
  list: { needs: { path: string }; gives: readonly StorageEntry[] };
  newestOf: { needs: { paths: readonly string[] }; gives: number | undefined };
  /** Looks at `<folder>/<leaf>` for each folder in the path. */
  survey: { needs: { path: string; leaf: string }; gives: StorageSurvey };
  openFolder: { needs: { path: string }; gives: number };
  /** A small file whole; EFBIG when it has more than `most` bytes. */
  read: { needs: { path: string; most: number }; gives: Uint8Array };
  /** Makes a new file with this content and leaves it open. */
  create: { needs: { path: string; content: Uint8Array }; gives: number };
  place: { needs: { from: string; to: string }; gives: boolean };
  takeInto: { needs: { from: string; to: string }; gives: Taken };
  /** Puts contents at their paths, each in one step, by way of a temporary file; durable only once they are synced. */
  replaceAll: { needs: { files: readonly Replacement[] }; gives: undefined };
  /** For each device on which the paths lie, one path there that exists. */
  samples: { needs: { paths: readonly string[] }; gives: readonly string[] };
}
export type FileStep = keyof FileSteps;
export type FileTask<K extends FileStep = FileStep> = {
  [S in K]: { readonly kind: S } & Readonly<FileSteps[S]['needs']>;
}[K];
export type FileResult<K extends FileStep> = FileSteps[K]['gives'];

export type FileOutcome =
  | { readonly value: unknown }
  | { readonly code: string; readonly message: string; readonly path: string | undefined };

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;

function perform(task: FileTask): FileResult<FileStep> {
  switch (task.kind) {
    case 'stat':
      return stat(task.path);
    case 'list':
      return list(task.path);
    case 'newestOf':
      return newestOf(task.paths);
    case 'survey':
      return survey(task.path, task.leaf);
    case 'openFolder':
      return fs.openSync(task.path, O_RDONLY | O_DIRECTORY);
    case 'read':
      return read(task.path, task.most);
    case 'create':
      return create(task.path, task.content);
    case 'place':
      return place(task.from, task.to);
    case 'takeInto':
      return takeInto(task.from, task.to);
    case 'replaceAll':
      return replaceAll(task.files);
    case 'samples':
      return samples(task.paths);
  }
}

function stat(path: string): FileStat {
  const stats = toFileStat(fs.statSync(path));
  if (!stats.isFolder) return stats;
  // Inode numbers of 64 bits do not fit a number: two of them could look the same.
  const { dev, ino } = fs.statSync(path, { bigint: true });
  return { ...stats, identity: `${dev}:${ino}`, device: String(dev) };
}

function newestOf(paths: readonly string[]): number | undefined {
  return newest(paths.map((path) => changedAt(path)));
}

function survey(path: string, leaf: string): StorageSurvey {
  const folders = list(path).filter(({ kind }) => kind === 'folder');
  const times = folders.map(({ name }) => changedAt(`${path}/${name}/${leaf}`));
  const without = folders.filter((_folder, at) => times[at] === undefined).map(({ name }) => name);
  return { newest: newest(times), without };
}

function newest(times: readonly (number | undefined)[]): number | undefined {
  let latest: number | undefined;
  for (const time of times) if (time !== undefined && time > (latest ?? -Infinity)) latest = time;
  return latest;
}

/** Undefined when nothing is there. */
function changedAt(path: string): number | undefined {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })?.ctimeMs;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** What lies in a folder that is looked at, and is none itself, was renamed into it: it is on the same device. */
function samples(paths: readonly string[]): readonly string[] {
  const given = new Set(paths);
  const folders = new Set(paths.map((path) => dirname(path)));
  const byDevice = new Map<number, string>();
  for (const path of given) {
    if (!folders.has(path) && given.has(dirname(path))) continue;
    const there = nearest(path);
    if (!byDevice.has(there.dev)) byDevice.set(there.dev, there.path);
  }
  return [...byDevice.values()];
}

/** The path, or the first folder above it that is there. */
function nearest(path: string): { readonly dev: number; readonly path: string } {
  try {
    return { dev: fs.statSync(path).dev, path };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return nearest(dirname(path));
  }
}

export function toFileStat(stats: fs.Stats): FileStat {
  return {
    size: stats.size,
    links: stats.nlink,
    isFile: stats.isFile(),
    isFolder: stats.isDirectory(),
    changedAt: stats.ctimeMs,
  };
}

function list(path: string): readonly StorageEntry[] {
  return fs.readdirSync(path, { withFileTypes: true }).map((entry): StorageEntry => {
    if (entry.isFile()) return { name: entry.name, kind: 'file' };
    if (entry.isDirectory()) return { name: entry.name, kind: 'folder' };
    return { name: entry.name, kind: followed(`${path}/${entry.name}`) };
  });
}

/** What a link leads to; also where the file system does not tell kinds in its listing. */
function followed(path: string): StorageEntry['kind'] {
  try {
    const stats = fs.statSync(path);
    if (stats.isFile()) return 'file';
    return stats.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (isMissing(error) || systemCode(error) === 'ELOOP') return 'other';
    throw error;
  }
}

function read(path: string, most: number): Uint8Array {
  // Opening a pipe would wait for whoever writes into it.
  const descriptor = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    const stats = fs.fstatSync(descriptor);
    const { size } = stats;
    if (!stats.isFile()) {
      throw Object.assign(new Error('not a file'), { code: stats.isDirectory() ? 'EISDIR' : 'EINVAL' });
    }
    if (size > most) throw Object.assign(new Error('the file is too large'), { code: 'EFBIG' });
    const content = new Uint8Array(size);
    let got = 0;
    while (got < size) {
      const count = fs.readSync(descriptor, content, got, size - got, got);
      if (count === 0) break;
      got += count;
    }
    return content.subarray(0, got);
  } finally {
    fs.closeSync(descriptor);
  }
}

function create(path: string, content: Uint8Array): number {
  const descriptor = openNew(path);
  try {
    for (let done = 0; done < content.length;) done += fs.writeSync(descriptor, content, done);
    return descriptor;
  } catch (error) {
    fs.closeSync(descriptor);
    fs.rmSync(path, { force: true });
    throw error;
  }
}

function openNew(path: string): number {
  try {
    return fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL);
  } catch (error) {
    if (!isMissing(error)) throw error;
    fs.mkdirSync(dirname(path), { recursive: true });
    return fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL);
  }
}

function replaceAll(files: readonly Replacement[]): undefined {
  for (const file of files) replace(file);
}

function replace({ path, temporary, content }: Replacement): void {
  fs.closeSync(create(temporary, content));
  try {
    if (!place(temporary, path))
      throw Object.assign(new Error('the temporary file is gone'), { code: 'ENOENT' });
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

/** Does one step, at once. */
export function attempt(task: FileTask): FileOutcome {
  try {
    return { value: perform(task) };
  } catch (error) {
    const path = error instanceof Error && 'path' in error ? String(error.path) : undefined;
    return { code: systemCode(error) ?? 'EIO', message: String(error), path };
  }
}
