import { existsSync } from 'node:fs';
import type { Container } from 'inversify';
import { MetadataUnavailable } from '../application/ports/metadata/metadata-unavailable.js';
import { carryOverOutbox } from '../infrastructure/metadata/sqlite/carry-over-outbox.js';
import { carryOverUploads } from '../infrastructure/metadata/sqlite/carry-over-uploads.js';
import { DatabaseRefused } from '../infrastructure/metadata/sqlite/database-refused.js';
import type { SqliteDatabase } from '../infrastructure/metadata/sqlite/sqlite-database.js';
import { isNoDatabase } from '../infrastructure/metadata/sqlite/sqlite-fault.js';
import { StartFailed } from '../interfaces/cli/start-failed.js';
import { Shutdown } from './shutdown.js';
import { replayNames } from './open-stores.js';
import { TOKENS as T } from './tokens.js';

/** The database that another is made for: what only it knows is wanted, if it can still tell. */
export class FormerDatabase {
  /** Undefined when there is none, or when it can not be used. */
  readonly database: SqliteDatabase | undefined;
  #refused: string | undefined;
  readonly #shutdown: Shutdown;

  private constructor(shutdown: Shutdown, database: SqliteDatabase | undefined, refused?: string) {
    this.#shutdown = shutdown;
    this.database = database;
    this.#refused = refused;
  }

  /** Why it can not be used, or not all of it. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /**
   * Opens it, and finishes the links that it still has to write: names that were acknowledged may be nowhere else.
   * @throws StartFailed when they can not be written; DatabaseRefused when the file is not one to be replaced
   */
  static async open(container: Container, path: string): Promise<FormerDatabase> {
    const shutdown = new Shutdown(container.get(T.logger));
    if (!existsSync(path)) return new FormerDatabase(shutdown, undefined);
    try {
      const database = await container.getAsync(T.database);
      shutdown.add('former metadata', () => database.close());
      const barrier = await container.getAsync(T.durabilityBarrier);
      shutdown.add('durability barrier', () => barrier.close());
      if (container.get(T.treeAccess).readOnly === undefined) await finishLinks(container, shutdown);
      return new FormerDatabase(shutdown, database);
    } catch (error) {
      await shutdown.run();
      const reason = whyUnusable(error);
      if (reason === undefined) throw error;
      return new FormerDatabase(shutdown, undefined, reason);
    }
  }

  /**
   * Into one that is made from the tree: what only this one knows, open uploads and events that wait. Damage does not keep
   * the other from being made.
   * @returns how many uploads
   */
  async carryOver(to: SqliteDatabase): Promise<number> {
    if (this.database === undefined) return 0;
    let uploads = 0;
    try {
      uploads = await carryOverUploads(this.database, to);
      await carryOverOutbox(this.database, to);
    } catch (error) {
      if (!isNoDatabase(error)) throw error;
      this.#refused = 'it is damaged';
    }
    return uploads;
  }

  async close(): Promise<void> {
    await this.#shutdown.run();
  }
}

async function finishLinks(container: Container, shutdown: Shutdown): Promise<void> {
  await replayNames(container, shutdown);
  const { pending } = await container.getAsync(T.namePublisher);
  if (pending > 0) {
    throw new StartFailed(
      `${pending} changes of names are only in the metadata database and could not be written to the folder; ` +
        'let this user write there, then start again.',
    );
  }
}

/** Undefined for errors that do not come from its being another one, or damaged. */
function whyUnusable(error: unknown): string | undefined {
  if (error instanceof DatabaseRefused) return error.mustStay ? undefined : error.message;
  if (error instanceof MetadataUnavailable) return undefined;
  return isNoDatabase(error) ? 'it is damaged' : undefined;
}
