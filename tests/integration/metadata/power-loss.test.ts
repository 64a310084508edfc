import { DatabaseSync } from '@photostructure/sqlite';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeDigest } from '../../../src/infrastructure/metadata/sql/digest-codec.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { blobOf } from '../../contract/metadata/metadata-actions.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { scalar } from './database-file.js';
import { readRecordedCalls, type RecordedCall } from './recorded-calls.js';
import { VolatileFile } from './volatile-file.js';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROCESS = fileURLToPath(new URL('./acknowledging-process.ts', import.meta.url));
const PUSHES = 45;

/** strace must be there and allowed. */
function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What of the unsynced changes survives: nothing, a half by chance, all of the database and nothing of its WAL. */
const LOSSES: readonly ((file: string) => () => boolean)[] = [
  () => () => false,
  () => {
    let state = 1;
    return () => {
      state = (state * 48_271) % 2_147_483_647;
      return state % 2 === 0;
    };
  },
  (file) => () => file === 'metadata.db',
];

const lacks = canTrace() ? '' : ' (lacks: strace)';

describe.skipIf(lacks !== '')(`after a power loss at any acknowledgement${lacks}`, () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-power-'));
    path = join(folder, 'metadata.db');
    (await SqliteDatabase.open(path, unexpectedEnd)).close();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const contentOf = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));

  /** Runs the process under strace, from a database that is wholly on disk. */
  function record(
    barrier: 'barrier' | 'none',
    pushes: number,
  ): {
    readonly files: ReadonlyMap<string, VolatileFile>;
    readonly calls: readonly RecordedCall[];
  } {
    const files = new Map(
      ['metadata.db', 'metadata.db-wal'].map((name) => [
        name,
        new VolatileFile(contentOf(join(folder, name))),
      ]),
    );
    const [trace, acknowledgements] = [join(folder, 'trace'), join(folder, 'acknowledgements')];
    const watched = [path, `${path}-wal`, acknowledgements].flatMap((file) => ['-P', file]);
    const calls = 'trace=pwrite64,pwritev,write,ftruncate,fsync,fdatasync';
    const options = ['-f', '-y', '-xx', '-s', '70000', '-e', calls, '-o', trace, ...watched];
    const program = [
      process.execPath,
      '--import',
      HOOKS,
      PROCESS,
      path,
      acknowledgements,
      String(pushes),
      barrier,
    ];
    execFileSync('strace', [...options, ...program]);
    return { files, calls: readRecordedCalls(readFileSync(trace, 'utf8')) };
  }

  /** Numbers of acknowledged pushes that a database made of these files has lost. */
  function lost(
    files: ReadonlyMap<string, VolatileFile>,
    acknowledged: readonly number[],
    loss: number,
  ): unknown[] {
    for (const [name, file] of files) {
      const keeps = LOSSES[loss]?.(name) ?? (() => false);
      writeFileSync(join(folder, `after-${name}`), file.afterPowerLoss(keeps));
    }
    try {
      return missing(acknowledged);
    } catch (error) {
      // Some images can not even be read.
      return [String(error)];
    } finally {
      for (const suffix of ['', '-wal', '-shm']) {
        rmSync(join(folder, `after-metadata.db${suffix}`), { force: true });
      }
    }
  }

  function missing(acknowledged: readonly number[]): unknown[] {
    const database = new DatabaseSync(join(folder, 'after-metadata.db'));
    const present = 'SELECT 1 FROM blob_link l JOIN content c ON c.id = l.content_id WHERE c.digest = ?';
    try {
      const gone: unknown[] = acknowledged.filter(
        (at) => scalar(database, present, encodeDigest(blobOf(`blob ${at}`).digest)) !== 1,
      );
      const integrity = scalar(database, 'PRAGMA integrity_check');
      return integrity === 'ok' ? gone : [integrity, ...gone];
    } finally {
      database.close();
    }
  }

  /** Plays the calls, and lets the power fail at each acknowledgement. */
  function play(
    barrier: 'barrier' | 'none',
    pushes: number,
  ): {
    readonly images: number;
    readonly losses: readonly unknown[];
  } {
    const { files, calls } = record(barrier, pushes);
    const acknowledged: number[] = [];
    const losses: unknown[] = [];
    let syncs = 0;
    for (const call of calls) {
      if (call.kind === 'append') {
        acknowledged.push(Number(call.text));
        for (const loss of LOSSES.keys()) losses.push(...lost(files, acknowledged, loss));
      } else {
        if (call.kind === 'sync-ends') syncs += 1;
        files.get(call.file)?.play(call);
      }
    }
    // The record is whole: with every change kept, the files are those that the process left.
    for (const [name, file] of files) {
      expect(file.afterPowerLoss(() => true).equals(contentOf(join(folder, name)))).toBe(true);
    }
    expect(acknowledged.toSorted((a, b) => a - b)).toEqual(Array.from({ length: pushes }, (_, at) => at));
    expect(syncs).toBeGreaterThan(0);
    return { images: acknowledged.length * LOSSES.length, losses };
  }

  it('nothing acknowledged is lost, and the database is whole', () => {
    const { images, losses } = play('barrier', PUSHES);
    expect(images).toBe(PUSHES * LOSSES.length);
    expect(losses).toEqual([]);
  });

  it('something is lost when nobody waits for the barrier, so this test would tell', () => {
    const { losses } = play('none', 15);
    expect(losses.length).toBeGreaterThan(0);
  });
});
