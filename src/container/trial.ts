import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container } from 'inversify';
import type { Hashing } from '../application/ports/system/hashing.js';
import { ReadOnlyMode } from '../application/services/read-only-mode.js';
import type { Config } from '../infrastructure/config/config.js';
import { MeteredStorageDriver } from '../infrastructure/observability/metered-storage-driver.js';
import { ReadOnlyDriver } from '../infrastructure/storage/drivers/read-only-driver.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { followingRoutes } from '../interfaces/http/routes/following-routes.js';
import { registryRoutes } from '../interfaces/http/routes/registry-routes.js';
import { hasContent } from './has-content.js';
import { makeDriver } from './modules/storage.module.js';
import type { Shutdown } from './shutdown.js';
import { explainStorageError } from './start-errors.js';
import { nameOfPlace } from './storage-place.js';
import { isBelow } from './is-below.js';
import { TOKENS as T } from './tokens.js';

const REASON =
  'this is a trial: images can be pulled; pushes and deletes are for the registry that owns the folder';

/** A trial's own configuration, and what is left to be removed at its end. */
export interface Trial {
  readonly config: Config;
  /** Made for the database; undefined when the configuration names a place outside of the folder. */
  readonly temporary: string | undefined;
}

/**
 * A registry over a folder that another one owns and writes: it reads there, and keeps its database elsewhere.
 * @throws StartFailed when there is nothing that could be tried
 */
export async function prepareTrial(config: Config, hashing: Hashing): Promise<Trial> {
  const { driver } = config.storage;
  if (driver.kind === 'inmemory') {
    throw new StartFailed(
      'serve --trial is for a folder that another registry serves, not for storage in memory.',
    );
  }
  await refuseWithoutContent(config, hashing);
  const { path } = config.metadata.sqlite;
  const isItsOwn =
    path !== undefined && !(driver.kind === 'filesystem' && isBelow(driver.rootdirectory, path));
  if (isItsOwn) return { config, temporary: undefined };
  const temporary = await mkdtemp(join(await realpath(tmpdir()), 'stowage-trial-'));
  return { config: { ...config, metadata: { sqlite: { path: join(temporary, 'metadata.db') } } }, temporary };
}

/** Lets everything read the folder and nothing write there. Comes before anything is opened. */
export function enterTrial(container: Container, { config, temporary }: Trial, shutdown: Shutdown): void {
  if (temporary !== undefined) {
    shutdown.add('trial database', () => rm(temporary, { recursive: true, force: true }));
  }
  const readOnly = new Error('a trial writes nothing into the folder');
  container.rebind(T.treeAccess).toConstantValue({ readOnly });
  container.rebind(T.storageDriver).toResolvedValue(
    (metrics, hashing, logger) => {
      const driver = makeDriver(config.storage.driver, hashing, logger);
      return new ReadOnlyDriver(new MeteredStorageDriver(driver, metrics));
    },
    [T.storageMetrics, T.hashing, T.logger],
  );
  const mode = new ReadOnlyMode();
  mode.enter(REASON);
  container.rebind(T.readOnlyMode).toConstantValue(mode);
  bindFollowing(container);
}

/** Before each answer the database follows the tree. */
function bindFollowing(container: Container): void {
  container
    .rebind(T.routes)
    .toResolvedValue(
      (base, lists, manifests, blobs, uploads, follow) =>
        followingRoutes(registryRoutes({ base, lists, manifests, blobs, uploads }), follow),
      [
        T.baseController,
        T.listController,
        T.manifestController,
        T.blobController,
        T.uploadController,
        T.followTree,
      ],
    );
}

/**
 * A trial takes out of its database what the tree has no more, so it never works on the one that the tree belongs to.
 * @throws StartFailed
 */
export async function assertOwnDatabase(container: Container): Promise<void> {
  const said = await container.get(T.treeOwner).read();
  const identity = await container.getAsync(T.databaseIdentity);
  if (said === undefined || said === 'damaged' || said.database !== identity.id) return;
  const { path } = container.get(T.config).metadata.sqlite;
  throw new StartFailed(
    `${path ?? 'the metadata database'} is the database of the registry that the content belongs to; ` +
      'name another file as metadata.sqlite.path for the trial.',
  );
}

async function refuseWithoutContent(config: Config, hashing: Hashing): Promise<void> {
  const driver = makeDriver(config.storage.driver, hashing);
  try {
    if (await hasContent(driver)) return;
  } catch (error) {
    throw explainStorageError(error);
  } finally {
    await driver.close();
  }
  throw new StartFailed(
    `no registry has stored anything in ${nameOfPlace(config)}, so there is nothing to try.`,
  );
}
