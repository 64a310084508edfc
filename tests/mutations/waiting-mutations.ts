import type { Mutation } from './collection-mutations.js';

const MODEL = ['tests/integration/storage/waiting-power-loss.test.ts'];
const RETAGS = 'tests/integration/storage/retag-power-loss.test.ts';
const PUBLISHER = 'application/services/name-publisher.ts';
const WRITER = 'application/services/link-writer.ts';
const FLUSH = '      await this.#links.flush(links);\n';
const FORGET = '      await this.#journal.forget(links);\n';

/** Changes that would lose small blobs whose bytes wait in the database. */
export const WAITING_MUTATIONS: readonly Mutation[] = [
  {
    name: 'waiting bytes go before the flush',
    file: PUBLISHER,
    changes: [
      [FLUSH, ''],
      [FORGET, `${FORGET}${FLUSH}`],
    ],
    tests: MODEL,
  },
  {
    name: 'waiting bytes go although the flush has failed',
    file: PUBLISHER,
    changes: [[FLUSH, '      await this.#links.flush(links).catch(() => undefined);\n']],
    tests: ['tests/unit/application/name-publisher.test.ts', ...MODEL],
  },
  {
    name: 'the flush of a link leaves the bytes that were written with it',
    file: 'infrastructure/storage/layout/layout-link-store.ts',
    changes: [
      [
        'bytes === undefined ? [linkPath(name)] : [blobPath(name.digest), linkPath(name)]',
        'bytes === undefined ? [linkPath(name)] : [linkPath(name)]',
      ],
    ],
    tests: MODEL,
  },
  {
    name: 'a replay writes no waiting bytes',
    file: WRITER,
    changes: [['this.#journal.waiting(name.digest)', 'undefined']],
    tests: MODEL,
  },
  {
    name: 'a small blob is acknowledged before the database is durable',
    file: PUBLISHER,
    changes: [['    await this.#barrier.wait();\n', '']],
    tests: MODEL,
  },
  {
    name: 'a link is given what is not durable yet',
    file: WRITER,
    changes: [['      await this.#barrier.wait();\n', '']],
    tests: ['tests/unit/application/name-publisher.test.ts', RETAGS],
  },
  {
    name: 'nobody looks whether a tag was given to something else meanwhile',
    file: WRITER,
    changes: [['written.push(stands ? link', "written.push(stands || link.name.kind === 'tag' ? link"]],
    tests: ['tests/unit/application/name-publisher.test.ts', RETAGS],
  },
  {
    name: 'a link is given what was taken away before',
    file: WRITER,
    changes: [['change.waiting === undefined && !(await', 'change.id < 0 && !(await']],
    tests: ['tests/unit/application/name-publisher.test.ts'],
  },
  {
    name: 'waiting bytes go with the row of another change',
    file: 'infrastructure/metadata/sql/waiting-statements.ts',
    changes: [[".where('journal_id', '=', journalId)", ".where('journal_id', '<=', journalId)"]],
    tests: ['tests/contract/metadata/sqlite-memory.test.ts', ...MODEL],
  },
  {
    name: 'whoever finds bytes waiting puts a file that is not durable over one that is',
    file: WRITER,
    changes: [
      ['waiting, change.waiting === undefined)', 'waiting, false)'],
      ['this.#waitingOf(pending.name), true)', 'this.#waitingOf(pending.name), false)'],
    ],
    tests: ['tests/unit/application/name-publisher.test.ts', ...MODEL],
  },
  {
    name: 'nobody looks whether the link of a small blob stands once it is written',
    file: WRITER,
    changes: [['written.push(stands ? link', 'written.push(link.id >= 0 || stands ? link']],
    tests: ['tests/unit/application/name-publisher.test.ts'],
  },
  {
    name: 'a flush believes a folder whose sync has failed before',
    file: 'infrastructure/storage/drivers/filesystem/directory-sync.ts',
    changes: [
      ['    this.#refuseFailedAbove(files);\n    if (await', '    if (await'],
      ['    this.#refuseFailed(ways);\n    this.#remember', '    this.#remember'],
    ],
    tests: ['tests/integration/storage/directory-sync.test.ts', ...MODEL],
  },
  {
    name: 'a flush believes its own sync of a folder of which another has failed meanwhile',
    file: 'infrastructure/storage/drivers/filesystem/directory-sync.ts',
    changes: [['    this.#refuseFailed(ways);\n    this.#remember', '    this.#remember']],
    tests: ['tests/integration/storage/directory-sync.test.ts'],
  },
  {
    name: 'a flush believes the sync of a file system while that of a folder has failed',
    file: 'infrastructure/storage/drivers/filesystem/directory-sync.ts',
    changes: [['      this.#refuseFailedAbove(files);\n      return;', '      return;']],
    tests: ['tests/integration/storage/directory-sync.test.ts'],
  },
  {
    name: 'a pull asks for the file before the waiting bytes',
    file: 'application/use-cases/blob/pull-blob.ts',
    changes: [
      ['    if (waiting !== undefined) return new BytesReader(waiting.bytes);\n', ''],
      [
        '    await reader?.close();\n',
        '    await reader?.close();\n    if (waiting !== undefined) return new BytesReader(waiting.bytes);\n',
      ],
    ],
    tests: ['tests/unit/application/pull-blob.test.ts', ...MODEL],
  },
  {
    name: 'a blob whose bytes wait counts as lost',
    file: 'infrastructure/metadata/sql/content-statements.ts',
    changes: [['where w.content_id = content.id)`', 'where w.content_id = -content.id)`']],
    tests: ['tests/contract/metadata/sqlite-memory.test.ts'],
  },
  {
    name: 'a name is taken for gone that has still to be written',
    file: 'application/services/database-repair.ts',
    changes: [
      [
        "    if (await this.#comparison.isPending(name)) return 'its link file has still to be written';\n",
        '',
      ],
    ],
    tests: ['tests/integration/maintenance/take-in.test.ts'],
  },
];
