import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { openUploadStatements } from '../sql/open-upload-statements.js';
import { UPLOAD_STATE } from '../sql/upload-state.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Rows of one transaction. */
const PAGE = 500;
const BEGINNING = new Uint8Array(0);

/**
 * Carries open uploads over from one database to another: the tree does not say how many bytes of them were
 * acknowledged, nor by which fence they were staged.
 * @returns how many
 */
export async function carryOverUploads(from: SqliteDatabase, to: SqliteDatabase): Promise<number> {
  const page = from.prepare(openUploadStatements.page);
  const insert = to.prepare(openUploadStatements.insert);
  const repositories = new RepositoryRows(to);
  let count = 0;
  for (let after: Uint8Array = BEGINNING; ;) {
    const rows = page.all(after, PAGE);
    await to.transaction(() => {
      for (const row of rows) {
        if (row.state !== UPLOAD_STATE.open) continue;
        const name = RepositoryName.parseExisting(row.repository);
        const repositoryId = repositories.findOrCreate(name, row.started_at);
        count += insert.change(
          row.id,
          repositoryId,
          row.algorithm,
          row.offset,
          row.fence,
          row.lease,
          row.lease_until,
          row.started_at,
          row.touched_at,
        );
      }
    });
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return count;
    after = last.id;
  }
}
