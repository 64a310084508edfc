import { existsSync } from 'node:fs';
import { Container } from 'inversify';
import { FolderInUse } from '../application/ports/system/folder-in-use.js';
import { CopyStorage } from '../application/use-cases/maintenance/copy-storage.js';
import type { Config } from '../infrastructure/config/config.js';
import { loadConfig } from '../infrastructure/config/load-config.js';
import { ReadOnlyDriver } from '../infrastructure/storage/drivers/read-only-driver.js';
import { LayoutBlobStore } from '../infrastructure/storage/layout/layout-blob-store.js';
import { LayoutCopyTarget } from '../infrastructure/storage/layout/layout-copy-target.js';
import { LayoutStoredTree } from '../infrastructure/storage/layout/layout-stored-tree.js';
import { LayoutTagHistory } from '../infrastructure/storage/layout/layout-tag-history.js';
import { LayoutTreeInventory } from '../infrastructure/storage/layout/layout-tree-inventory.js';
import { isSameStorage } from '../infrastructure/storage/layout/same-storage.js';
import type { CopyRequestOfFiles, OpenCopy } from '../interfaces/cli/commands/open-copy.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { UsageError } from '../interfaces/cli/usage-error.js';
import { databasePath } from './database-path.js';
import { enterFolder } from './enter-folder.js';
import { logToStderr } from './log-to-stderr.js';
import { folderModule } from './modules/folder.module.js';
import { storageModule } from './modules/storage.module.js';
import { openDatabaseToRead } from './open-to-read.js';
import type { Shutdown } from './shutdown.js';
import { untilSignal } from './signals.js';
import { explainStorageError } from './start-errors.js';
import { nameOfPlace } from './storage-place.js';
import { TOKENS as T } from './tokens.js';

const COMMAND = 'storage copy';
const HELD_BY = `stowage ${COMMAND}`;
/** Beside the tree of a target that a database speaks for already. */
const DISTRUST = 'stowage storage copy has written into the tree';

/**
 * Opens two storages so that one can be copied into the other. The container is the source's; the target has one of its
 * own below it.
 * @throws ConfigurationError, UsageError; StartFailed with one sentence
 */
export async function openCopy(container: Container, files: CopyRequestOfFiles): Promise<OpenCopy> {
  const source = configurationOf(files.from, '--from');
  const target = configurationOf(files.to, '--to');
  container.bind(T.config).toConstantValue(source);
  const shutdown = logToStderr(container);
  try {
    shutdown.add('hashing', () => container.get(T.hashing).close());
    const side = sideOf(container, target);
    openDriver(container, shutdown, 'source');
    openDriver(side, shutdown, 'target');
    await refuseUseless(container, side, files);
    enterTarget(side, shutdown);
    const doubts = [
      ...enterSource(container, files, shutdown),
      ...(await unfinishedNames(container, shutdown)),
    ];
    await distrustTimes(side);
    return opened(container, side, doubts, shutdown);
  } catch (error) {
    await Promise.allSettled([shutdown.run()]);
    throw explainStorageError(error);
  }
}

/** Variables of the environment would be meant for one side and count for both. */
function configurationOf(file: string, flag: string): Config {
  const { config } = loadConfig({ file, flags: [] }, {}, process.cwd());
  if (config.storage.driver.kind !== 'inmemory') return config;
  throw new UsageError(
    `the storage of ${flag} ${file} is in memory: there is nothing that outlives its process.`,
    COMMAND,
  );
}

/** What depends on the configuration of one side; everything else is asked of the container above. */
function sideOf(container: Container, config: Config): Container {
  // Made above, so that they are not made with this side's configuration.
  for (const shared of [T.storageMetrics, T.hashing, T.logger]) container.get<unknown>(shared);
  const side = new Container({ parent: container, defaultScope: 'Singleton' });
  side.bind(T.config).toConstantValue(config);
  side.load(folderModule, storageModule);
  return side;
}

function openDriver(container: Container, shutdown: Shutdown, name: string): void {
  const driver = container.get(T.storageDriver);
  shutdown.add(name, () => driver.close());
}

/** @throws UsageError */
async function refuseUseless(
  source: Container,
  target: Container,
  { from, to }: CopyRequestOfFiles,
): Promise<void> {
  if (await source.get(T.treeOwner).isEmpty()) {
    const place = nameOfPlace(source.get(T.config));
    throw new UsageError(`no registry has stored anything in ${place}, which ${from} names.`, COMMAND);
  }
  const { readOnly } = target.get(T.treeAccess);
  if (readOnly !== undefined) {
    const place = nameOfPlace(target.get(T.config));
    throw new UsageError(`${place}, which ${to} names, cannot be written: ${readOnly.message}.`, COMMAND);
  }
  const token = source.get(T.random).token().toString('hex');
  if (await isSameStorage(target.get(T.storageDriver), source.get(T.storageDriver), token)) {
    throw new UsageError(`the storages of ${from} and ${to} are the same one.`, COMMAND);
  }
}

/** Nobody may serve what is half there, and nobody may begin to. */
function enterTarget(target: Container, shutdown: Shutdown): void {
  try {
    enterFolder(target, shutdown, HELD_BY, { how: 'alone', takesIn: true });
  } catch (error) {
    if (!(error instanceof StartFailed && error.cause instanceof FolderInUse)) throw error;
    throw new UsageError(`the target cannot be copied into: ${error.message}`, COMMAND);
  }
}

/**
 * Holds the source, alone if nobody else uses it: then nothing can change in it.
 * @returns why something may
 */
function enterSource(
  container: Container,
  { from }: CopyRequestOfFiles,
  shutdown: Shutdown,
): readonly string[] {
  const config = container.get(T.config);
  const isAlone = holdSource(container, shutdown);
  if (config.storage.maintenance.readonly.enabled || isAlone) return [];
  return [
    `the source may be written to while it is copied: stop its registry, or set storage.maintenance.readonly.enabled: true in ${from}, start it again with that, and repeat this command`,
  ];
}

function holdSource(container: Container, shutdown: Shutdown): boolean {
  const lock = container.get(T.folderLock);
  const instances = container.get(T.instances);
  const isAlone = canBeAlone(container) && acquired(() => lock.acquire('alone'));
  if (!isAlone) acquireShared(() => lock.acquire('shared'));
  shutdown.add('lock of the source', () => lock.release());
  instances.begin(HELD_BY, false);
  shutdown.add('instance at the source', () => instances.end());
  return isAlone;
}

/**
 * Where nothing can be written nothing can be locked. A bucket is locked beside its database: where there is none,
 * whoever serves it does so from elsewhere.
 */
function canBeAlone(container: Container): boolean {
  const config = container.get(T.config);
  const isHere = config.storage.driver.kind === 'filesystem' || hasDatabase(config);
  return isHere && container.get(T.treeAccess).readOnly === undefined;
}

function hasDatabase(config: Config): boolean {
  const path = databasePath(config);
  return path !== undefined && existsSync(path);
}

function acquired(acquire: () => void): boolean {
  try {
    acquire();
    return true;
  } catch (error) {
    if (error instanceof FolderInUse) return false;
    throw error;
  }
}

/** @throws UsageError when somebody needs the source alone */
function acquireShared(acquire: () => void): void {
  try {
    acquire();
  } catch (error) {
    if (error instanceof FolderInUse) throw new UsageError(`${error.message}.`, COMMAND);
    throw error;
  }
}

/** What a process has acknowledged and did not live to write is only in its database. */
async function unfinishedNames(container: Container, shutdown: Shutdown): Promise<readonly string[]> {
  const config = container.get(T.config);
  if (!hasDatabase(config)) return [];
  try {
    await openDatabaseToRead(container, config, shutdown);
    const journal = await container.getAsync(T.nameJournal);
    const [unfinished] = await journal.abandoned(0, 1);
    if (unfinished === undefined) return [];
    return [
      'the source lacks links that its registry did not live to write: run `stowage index flush` on it first',
    ];
  } catch (error) {
    if (!(error instanceof StartFailed)) throw error;
    return [
      `it is not known whether the source lacks links, since its database cannot be read: ${error.message}`,
    ];
  }
}

/** The database of a target that has one already looks at everything when it starts next. */
async function distrustTimes(target: Container): Promise<void> {
  const owner = target.get(T.treeOwner);
  if ((await owner.read()) !== undefined) await owner.distrust(DISTRUST);
}

function opened(
  source: Container,
  target: Container,
  doubts: readonly string[],
  shutdown: Shutdown,
): OpenCopy {
  const stop = new AbortController();
  void untilSignal().then((signal) => stop.abort(new Error(`stopped by ${signal}`)));
  const read = new ReadOnlyDriver(source.get(T.storageDriver));
  const written = target.get(T.storageDriver);
  const copy = new CopyStorage(
    {
      blobs: new LayoutBlobStore(read),
      inventory: new LayoutTreeInventory(read),
      tree: new LayoutStoredTree(read),
      history: new LayoutTagHistory(read),
      probe: () => read.probe(),
    },
    {
      blobs: new LayoutBlobStore(written),
      tree: new LayoutStoredTree(written),
      copy: new LayoutCopyTarget(written),
    },
    source.get(T.clock),
  );
  return { copy, doubts, signal: stop.signal, explain: explainStorageError, close: () => shutdown.run() };
}
