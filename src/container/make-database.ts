import type { Container } from 'inversify';
import type { Ownership } from '../application/ports/storage/tree-owner.js';
import { RepositoryAdoption } from '../application/services/repository-adoption.js';
import {
  AdoptTree,
  type AdoptionCounts,
  type AdoptionObserver,
} from '../application/use-cases/maintenance/adopt-tree.js';
import { Checkpointer } from '../infrastructure/metadata/sqlite/checkpointer.js';
import { LoopCheckpointer } from '../infrastructure/metadata/sqlite/loop-checkpointer.js';
import { siblingOf } from '../infrastructure/metadata/sqlite/replace-database.js';
import { SqliteDatabaseIdentity } from '../infrastructure/metadata/sqlite/sqlite-database-identity.js';
import { SqliteDatabase } from '../infrastructure/metadata/sqlite/sqlite-database.js';
import { SqliteTreeAdoption } from '../infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import type { RebuildOptions } from '../interfaces/cli/commands/index-rebuild.js';
import { AdoptionOutput } from '../interfaces/cli/output/adoption-output.js';
import type { FormerDatabase } from './former-database.js';
import { TOKENS as T } from './tokens.js';

export interface MadeDatabase {
  readonly counts: AdoptionCounts;
  readonly uploads: number;
  /** What the tree has to say once the database is in its place. */
  readonly ownership: Ownership;
}

/** Makes the database `siblingOf(path)` from the folder, with what only the former one knows, and closes it. */
export async function makeDatabase(
  container: Container,
  path: string,
  former: FormerDatabase,
  options: RebuildOptions,
  signal: AbortSignal,
): Promise<MadeDatabase> {
  const isAlone = container.get(T.databaseDisk).kind === 'network';
  const onFatal = container.get(T.onFatal);
  const { own } = container.get(T.instances);
  const database = await SqliteDatabase.open(siblingOf(path), onFatal, own, { alone: isAlone });
  const logger = container.get(T.logger);
  const checkpointer = isAlone
    ? new LoopCheckpointer(database, container.get(T.clock), logger, onFatal)
    : new Checkpointer(siblingOf(path), logger, onFatal);
  try {
    const counts = await fill(container, database, options, signal);
    const uploads = await former.carryOver(database);
    const identity = new SqliteDatabaseIdentity(database);
    return { counts, uploads, ownership: { database: identity.id, journal: identity.lastChange() } };
  } finally {
    await checkpointer.close();
    database.close();
  }
}

async function fill(
  container: Container,
  database: SqliteDatabase,
  options: RebuildOptions,
  signal: AbortSignal,
): Promise<AdoptionCounts> {
  const clock = container.get(T.clock);
  const tree = container.get(T.storedTree);
  const adoption = new SqliteTreeAdoption(database, container.get(T.grace));
  const repositories = new RepositoryAdoption(tree, adoption, clock);
  // It belongs to the tree once it is in the place of the former one.
  const unclaimed = { claim: (): Promise<void> => Promise.resolve() };
  const output = options.quiet ? undefined : shownOutput(container);
  const observer: AdoptionObserver = {
    progressed: (counts) => output?.progressed(counts),
    damaged: (damage) => {
      options.onDamage(damage);
      output?.damaged(damage);
    },
  };
  try {
    const adopt = new AdoptTree(tree, adoption, repositories, unclaimed, clock);
    const report = await adopt.execute(observer, signal);
    if (report === undefined) throw new Error('the database that is made was there before');
    output?.finish(report);
    return report.counts;
  } finally {
    output?.end();
  }
}

/** A terminal shows what is damaged, so that it need not be logged to it as well. */
function shownOutput(container: Container): AdoptionOutput {
  const terminal = container.get(T.terminal);
  const logger = terminal.interactive ? undefined : container.get(T.logger);
  return new AdoptionOutput(terminal, logger, container.get(T.clock));
}
