import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from 'inversify';
import type { ConfigurationRequest } from '../application/ports/system/configuration-reader.js';
import { UNWATCHED } from '../application/services/sole-writer.js';
import { RehearsedRemoval } from '../application/services/rehearsed-removal.js';
import { CollectGarbage } from '../application/use-cases/maintenance/collect-garbage.js';
import type { Config } from '../infrastructure/config/config.js';
import { loadConfig } from '../infrastructure/config/load-config.js';
import { acquireExclusive } from '../infrastructure/metadata/sqlite/lock-file.js';
import { RehearsedContentRemovals } from '../infrastructure/metadata/sqlite/rehearsed-content-removals.js';
import { RehearsedReviews } from '../infrastructure/metadata/sqlite/rehearsed-reviews.js';
import type { CollectionOptions, OpenCollection } from '../interfaces/cli/commands/open-collection.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { adoptTree } from './adopt-tree.js';
import { compareTree } from './compare-tree.js';
import { databasePath } from './database-path.js';
import { hasContent } from './has-content.js';
import { enterFolder } from './enter-folder.js';
import { logToStderr } from './log-to-stderr.js';
import { openToRead } from './open-to-read.js';
import type { Shutdown } from './shutdown.js';
import { untilSignal } from './signals.js';
import { explainStorageError } from './start-errors.js';
import { claimTree, openStores, replayNames } from './open-stores.js';
import { nameOfPlace, processFolder } from './storage-place.js';
import { TOKENS as T } from './tokens.js';

/** How long (ms) another process is waited for that takes names in, as one does that has just started. */
const PATIENCE = 5_000;
const LOOK_AGAIN = 200;

/**
 * Opens tree and database to be collected; a registry may serve meanwhile. What the folder has and the database does not
 * know yet is taken over first, as a registry does when it starts.
 * @throws ConfigurationError; StartFailed with one sentence
 */
export async function openCollection(
  container: Container,
  request: ConfigurationRequest,
  { dryRun }: CollectionOptions,
): Promise<OpenCollection> {
  const { config } = loadConfig(request, process.env, process.cwd());
  container.bind(T.config).toConstantValue(config);
  const shutdown = logToStderr(container);
  try {
    const processes = processFolder(config);
    if (processes === undefined) {
      throw new StartFailed('the storage is in memory, so there is nothing that could be collected.');
    }
    await refuseWithoutContent(container, config);
    refuseWithoutDatabase(config, dryRun);
    enterFolder(container, shutdown, 'stowage gc', { takesIn: !dryRun });
    if (dryRun) await openToRead(container, config, shutdown);
    else await openToCollect(container, join(processes, 'gc.db'), shutdown);
    return await opened(container, dryRun, shutdown);
  } catch (error) {
    await Promise.allSettled([shutdown.run()]);
    throw explainStorageError(error);
  }
}

/** Where a name is mistyped nothing is made. */
async function refuseWithoutContent(container: Container, config: Config): Promise<void> {
  const path = databasePath(config);
  if ((path !== undefined && existsSync(path)) || (await hasContent(container.get(T.storageDriver)))) return;
  throw new StartFailed(
    `no registry has stored anything in ${nameOfPlace(config)}, so there is nothing to collect.`,
  );
}

function refuseWithoutDatabase(config: Config, dryRun: boolean): void {
  const path = databasePath(config);
  if (!dryRun || path === undefined || existsSync(path)) return;
  throw new StartFailed(
    `there is no metadata database ${path} yet, and a dry run makes none; \`stowage serve\` and \`stowage gc\` do.`,
  );
}

/** @param lockFile held by one `gc` at a time */
async function openToCollect(container: Container, lockFile: string, shutdown: Shutdown): Promise<void> {
  const { readOnly } = container.get(T.treeAccess);
  if (readOnly !== undefined) {
    const place = nameOfPlace(container.get(T.config));
    throw new StartFailed(`${place} cannot be written: ${readOnly.message}.`);
  }
  const lock = acquireExclusive(lockFile);
  if (lock === undefined) {
    throw new StartFailed('another `stowage gc` is at work on this folder; wait for its end.');
  }
  shutdown.add('lock of gc', () => lock.release());
  await openStores(container, shutdown);
  await claimTree(container, shutdown);
  await replayNames(container, shutdown);
  await refuseDuringTakeIn(container);
  await adoptTree(container);
  await compareTree(container);
  // Beside a registry that collects nothing may be taken in.
  if (!container.get(T.instances).hasCompany()) await (await container.getAsync(T.readAgain)).execute();
  await container.get(T.blobRemoval).prove();
  // One that has started meanwhile may have seen what would now be removed.
  await refuseDuringTakeIn(container);
}

/** What another process is taking in has names that are not known yet. It is waited for, but not for long. */
async function refuseDuringTakeIn(container: Container): Promise<void> {
  const instances = container.get(T.instances);
  for (let waited = 0; instances.othersTakeIn(); waited += LOOK_AGAIN) {
    if (waited >= PATIENCE) {
      throw new StartFailed(
        'another Stowage is still taking over what the folder has; nothing is removed before its end.',
      );
    }
    await container.get(T.clock).sleep(LOOK_AGAIN);
  }
}

async function opened(container: Container, dryRun: boolean, shutdown: Shutdown): Promise<OpenCollection> {
  const stop = new AbortController();
  void untilSignal().then((signal) => stop.abort(new Error(`stopped by ${signal}`)));
  if (dryRun) await rehearse(container);
  const known = container.get(T.instances).othersComparedTree();
  return {
    collect: await container.getAsync(T.collectGarbage),
    reportKept: await container.getAsync(T.reportKept),
    dropUnreadable: await container.getAsync(T.dropUnreadable),
    scanOrphans: await container.getAsync(T.scanOrphans),
    uploadAge: container.get(T.config).storage.maintenance.uploadpurging.age,
    grace: container.get(T.grace),
    shared: container.get(T.instances).hasCompany(),
    caveat:
      dryRun && !known
        ? 'what another program has changed in the folder since Stowage last ran is not seen by a dry run'
        : undefined,
    signal: stop.signal,
    explain: explainStorageError,
    close: () => closeStores(shutdown),
  };
}

/** A full disk may keep the database from being closed in order: what was done stands all the same. */
async function closeStores(shutdown: Shutdown): Promise<void> {
  try {
    await shutdown.run();
  } catch (error) {
    throw explainStorageError(error);
  }
}

async function rehearse(container: Container): Promise<void> {
  const database = await container.getAsync(T.database);
  const grace = container.get(T.grace);
  const reviews = new RehearsedReviews(database, grace);
  const contents = new RehearsedContentRemovals(database);
  const names = { publish: async () => undefined, flush: async () => undefined };
  const removal = new RehearsedRemoval(contents);
  container.rebind(T.reviews).toConstantValue(reviews);
  container
    .rebind(T.collectGarbage)
    .toConstantValue(
      new CollectGarbage(
        { reviews, contents, removal, names, writers: UNWATCHED },
        container.get(T.clock),
        grace,
      ),
    );
}
