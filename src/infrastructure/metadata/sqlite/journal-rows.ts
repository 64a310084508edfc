import type { LinkedRows, LinkValue, NameChange } from '../../../application/ports/metadata/name-journal.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import { encodeDigest } from '../sql/digest-codec.js';
import { journalStatements } from '../sql/journal-statements.js';
import { encodeName } from '../sql/name-codec.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Notes changes of names, inside the transactions that make them. */
export class JournalRows {
  readonly #instance: Uint8Array;
  readonly #add;

  constructor(database: SqliteDatabase) {
    this.#instance = database.instance;
    this.#add = database.prepare(journalStatements.add);
  }

  /**
   * @param replaced what the link holds now, as far as the database knows; undefined for none
   * @param given what it has to hold from now on; undefined when it is gone
   */
  add(
    rows: LinkedRows,
    name: LinkedName,
    { replaced, given }: { readonly replaced: Digest | undefined; readonly given: LinkValue | undefined },
  ): NameChange {
    const { kind, key } = encodeName(name);
    const former = replaced === undefined ? null : encodeDigest(replaced);
    const target = given !== undefined && name.kind === 'tag' ? encodeDigest(given.target) : null;
    const id = this.#add.insert(rows.repositoryId, kind, key, former, target, this.#instance);
    return { id, name, given, rows };
  }
}
