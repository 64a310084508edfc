import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { existsSync } from 'node:fs';
import { identityStatements } from '../sql/identity-statements.js';
import { DatabaseRefused } from './database-refused.js';

/** The database that a folder or bucket says it belongs to. */
export interface ExpectedOwner {
  /** As a sentence calls it: `the folder /srv/registry`. */
  readonly place: string;
  /** DatabaseIdentity.id */
  readonly database: string;
  /** The number of a change that it has. */
  readonly journal: number;
}

const REMEDY =
  'make it anew from what is there with `stowage index rebuild`, or let it take that in with ' +
  '`stowage index repair --from-storage`';

/**
 * Before the database is opened, which would make it.
 * @param owner undefined when nothing is said
 */
export function assertOwnerExists(path: string | undefined, owner: ExpectedOwner | undefined): void {
  if (path === undefined || owner === undefined || existsSync(path)) return;
  throw new DatabaseRefused(
    `${owner.place} belongs to a metadata database that is not at ${path}; bring it there, or ${REMEDY}`,
  );
}

/**
 * @param owner undefined when nothing is said
 * @param hasIdentity false for a database of a version that gave none: nothing can name it
 * @throws DatabaseRefused when the tree belongs to another one, or knows changes that this one has lost
 */
export function assertOwner(
  connection: DatabaseSyncInstance,
  path: string | undefined,
  owner: ExpectedOwner | undefined,
  hasIdentity: boolean,
): void {
  if (owner === undefined) return;
  const { place, database, journal } = owner;
  if (!hasIdentity || readId(connection) !== database) {
    throw new DatabaseRefused(
      `${place} belongs to another metadata database than ${path}; ` +
        `name that one as metadata.sqlite.path, or ${REMEDY}`,
    );
  }
  const own = readLastChange(connection);
  if (own < journal) {
    throw new DatabaseRefused(
      `the metadata database ${path} is older than ${place}, as a restored backup is ` +
        `(its last change is number ${own}, the storage's ${journal}); ${REMEDY}`,
    );
  }
}

function readId(connection: DatabaseSyncInstance): string | undefined {
  const row = connection.prepare(identityStatements.id.sql).get() as { id: Uint8Array } | undefined;
  return row && Buffer.from(row.id).toString('hex');
}

function readLastChange(connection: DatabaseSyncInstance): number {
  const row = connection.prepare(identityStatements.lastChange.sql).get() as { seq: number } | undefined;
  return row?.seq ?? 0;
}
