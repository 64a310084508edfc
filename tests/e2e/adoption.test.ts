import { DatabaseSync } from '@photostructure/sqlite';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateTree, type TreeCounts } from '../support/large-tree.js';
import { pushImage } from '../support/registry-actions.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { PROGRAM, type RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { openUpload } from './adoption/open-upload.js';
import { catalogOf, KNOWS, logged, serveTree } from './adoption/served-tree.js';

/** Of SQLite. */
const PAGE_BYTES = 4096;
const SIZE = { repositories: 12, tags: 60, blobs: 200 };

describe('the program on a folder of the reference registry', () => {
  let temp: TempDir;
  let registry: RunningRegistry | undefined;
  let tree: TreeCounts;
  let data: string;

  beforeEach(async () => {
    temp = await makeTempDir();
    data = join(temp.path, 'data');
    tree = generateTree(data, SIZE);
  });
  afterEach(async () => {
    await registry?.kill9();
    registry = undefined;
    await temp.remove();
  });

  async function serve(): Promise<RunningRegistry> {
    registry = await serveTree(temp.path);
    return registry;
  }

  const rebuild = (...words: readonly string[]): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, 'index', 'rebuild', '--root', data, ...words], {
      cwd: temp.path,
      timeout: 30_000,
    });

  async function catalog(): Promise<readonly string[]> {
    return registry === undefined ? [] : catalogOf(registry);
  }

  it('serves everything from its first answer on, and takes it over once', async () => {
    const first = await serve();
    expect(await catalog()).toHaveLength(tree.repositories);
    expect(await logged(first, KNOWS)).toMatchObject({
      repositories: tree.repositories,
      tags: tree.tags,
      manifests: tree.manifests,
      links: tree.layerLinks,
      damaged: 0,
      resumed: false,
    });
    await first.restart();
    expect(first.lines.filter((text) => text.includes('what the folder has'))).toHaveLength(1);
    expect(await catalog()).toHaveLength(tree.repositories);
  });

  it('logs what is damaged, with its path', async () => {
    const path = 'docker/registry/v2/repositories/broken/_manifests/tags/v1/current/link';
    await mkdir(join(data, path, '..'), { recursive: true });
    await writeFile(join(data, path), 'sha256:');
    const message = 'something in the folder is damaged';
    expect(await logged(await serve(), message)).toMatchObject({
      level: 'warn',
      path,
      reason: 'is cut off',
    });
  });

  describe('when the database is made anew', () => {
    it('has all names again, with and without the old one', async () => {
      await serve();
      const before = await catalog();
      await registry?.stop();
      for (const old of ['there', 'lost']) {
        if (old === 'lost') rmSync(join(data, 'stowage'), { recursive: true });
        expect(await rebuild()).toMatchObject({
          exitCode: 0,
          stdout: expect.stringMatching(/^The metadata database is made anew: 12 repositories [^\n]*\n$/),
        });
        await registry?.start();
        expect(await catalog()).toEqual(before);
        expect(registry?.lines.filter((line) => line.includes('another metadata database'))).toEqual([]);
        await registry?.stop();
      }
      expect(existsSync(join(data, 'stowage/metadata.db.new'))).toBe(false);
    });

    it('keeps what was pushed, and uploads that are open', async () => {
      const running = await serve();
      const pushed = await pushImage(running.client, 'pushed/app', 'v1', 'config');
      const upload = await openUpload(running.client, 'pushed/app', Buffer.from('first half, '));
      await running.stop();
      const { exitCode, stdout } = await rebuild();
      expect(exitCode).toBe(0);
      expect(stdout).toContain('\nOpen uploads that were kept: 1.\n');
      await running.start();
      expect(await upload.finish(Buffer.from('second half'))).toBe(201);
      const manifest = await running.client.send({ path: '/v2/pushed/app/manifests/v1' });
      expect(manifest.body.toString()).toBe(pushed);
    });

    it('finishes what a killed process could not write', async () => {
      const running = await serve();
      const obstacle = join(data, 'docker/registry/v2/repositories/late');
      await writeFile(obstacle, '');
      await pushImage(running.client, 'late', 'v1', 'config');
      await running.kill9();
      rmSync(obstacle);
      expect((await rebuild()).exitCode).toBe(0);
      await running.start();
      expect((await running.client.send({ path: '/v2/late/manifests/v1' })).status).toBe(200);
    });

    it('refuses while a registry serves, and names it', async () => {
      await serve();
      const { exitCode, stderr } = await rebuild();
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/is in use by `stowage serve`.*stop it first/);
    });

    it('lists everything that is damaged as JSON', async () => {
      const repositories = join(data, 'docker/registry/v2/repositories');
      for (const tag of ['v1', 'v2']) {
        await mkdir(join(repositories, `broken/_manifests/tags/${tag}/index`), { recursive: true });
      }
      const { exitCode, stdout } = await rebuild('--json');
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        damages: ['v1', 'v2'].map((tag) => ({
          path: `docker/registry/v2/repositories/broken/_manifests/tags/${tag}/current/link`,
          repository: 'broken',
          reason: 'is missing',
        })),
        counts: expect.objectContaining({ repositories: tree.repositories + 1, tags: tree.tags, damaged: 2 }),
        uploads: 0,
        notCarriedOver: null,
        seconds: expect.any(Number),
      });
    });

    it('says nothing when it is to be quiet', async () => {
      expect(await rebuild('--quiet')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    });

    it('is made although events that wait are damaged, takes what can be read and keeps the rest aside', async () => {
      await serve();
      await registry?.stop();
      const path = join(data, 'stowage/metadata.db');
      fillOutbox(path, 3_000);
      const file = await readFile(path);
      const at = file.indexOf('event 2500 ');
      file.fill(0xff, at - (at % PAGE_BYTES), at - (at % PAGE_BYTES) + 16);
      await writeFile(path, file);
      const { exitCode, stderr } = await rebuild();
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('as .old: it is damaged.')]);
      expect((await readFile(`${path}.old`)).includes('event 2600 ')).toBe(true);
      const made = new DatabaseSync(path, { readOnly: true });
      const found = made.prepare('SELECT count(*) AS events, max(id) AS last FROM outbox_event').get();
      expect(found).toMatchObject({ events: 2_000, last: 2_000 });
      expect(made.prepare('SELECT name, delivered_through FROM outbox_endpoint').all()).toMatchObject([
        { name: 'hook', delivered_through: 0 },
      ]);
      made.close();
      await registry?.start();
      expect(await catalog()).toHaveLength(tree.repositories);
    });

    it('replaces a damaged database and keeps it aside', async () => {
      await serve();
      await registry?.stop();
      const path = join(data, 'stowage/metadata.db');
      await writeFile(path, 'not a database at all, but longer than a header of one hundred bytes'.repeat(4));
      const { exitCode, stderr } = await rebuild();
      expect([exitCode, stderr]).toEqual([0, expect.stringContaining('is not a database')]);
      expect((await readFile(`${path}.old`, 'utf8')).startsWith('not a database')).toBe(true);
      await registry?.start();
      expect(await catalog()).toHaveLength(tree.repositories);
    });
  });
});

/** Events that an endpoint has still to be told, some of them on each page of the database. */
function fillOutbox(path: string, events: number): void {
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO outbox_endpoint (name, delivered_through) VALUES ('hook', 0); BEGIN");
  const add = database.prepare(
    "INSERT INTO outbox_event (created_at, repository, action, media_type, payload) VALUES (1, 'a', 'push', 'b', ?)",
  );
  for (let event = 1; event <= events; event += 1) add.run(`event ${event} ${'x'.repeat(1_000)}`);
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}
