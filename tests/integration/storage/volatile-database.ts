import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';

const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A database of which a power loss leaves what was committed before somebody last waited for it, or all. */
export class VolatileDatabase {
  readonly #folder = mkdtempSync(join(FOLDER, 'stowage-volatile-'));
  readonly #open: SqliteDatabase[] = [];
  #path: string;
  /** Copies it, and sees everything. */
  #raw: DatabaseSyncInstance;
  #durable: string;
  /** The number of the file that it was copied to. */
  #durableSince = 0;
  #files = 0;

  /** @param template a database without content, which is quicker than to make one */
  constructor(template: string) {
    this.#durable = template;
    this.#path = this.#copyOf(template);
    this.#raw = new DatabaseSync(this.#path, { timeout: 1_000 });
  }

  /** @param to where nothing is */
  static async makeTemplate(to: string): Promise<void> {
    const made = await SqliteDatabase.open(`${to}.made`, unexpectedEnd);
    made.close();
    const raw = new DatabaseSync(`${to}.made`);
    raw.exec(`VACUUM INTO '${to}'`);
    raw.close();
  }

  async open(): Promise<SqliteDatabase> {
    const database = await SqliteDatabase.open(this.#path, unexpectedEnd);
    this.#open.push(database);
    return database;
  }

  /** What was committed when the wait began is durable when it ends. */
  async wait(turn: () => Promise<void>): Promise<void> {
    const [path, snapshot, number] = [this.#path, this.#snapshot(), this.#files];
    await turn();
    // A wait that began earlier may end later: what is durable stays so.
    if (path !== this.#path || number < this.#durableSince) return;
    this.#durable = snapshot;
    this.#durableSince = number;
  }

  /** @param keepsAll whether what nobody has waited for is kept as well */
  losePower(keepsAll: boolean): void {
    this.#durable = keepsAll ? this.#snapshot() : this.#durable;
    this.#raw.close();
    this.#path = this.#copyOf(this.#durable);
    this.#raw = new DatabaseSync(this.#path, { timeout: 1_000 });
  }

  count(table: string): number {
    return Number(this.#raw.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows']);
  }

  close(): void {
    this.#raw.close();
    for (const database of this.#open) database.close();
    rmSync(this.#folder, { recursive: true });
  }

  #snapshot(): string {
    const path = this.#newFile();
    this.#raw.exec(`VACUUM INTO '${path}'`);
    return path;
  }

  #copyOf(file: string): string {
    const path = this.#newFile();
    copyFileSync(file, path);
    return path;
  }

  #newFile(): string {
    this.#files += 1;
    return join(this.#folder, `${this.#files}.db`);
  }
}
