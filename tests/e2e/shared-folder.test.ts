import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Holder } from '../integration/folder/holder.js';
import { pushImage } from '../support/registry-actions.js';
import { runProgram, succeed, type Ended } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

describe('one folder', () => {
  let temp: TempDir;
  let root: string;
  const registries: RunningRegistry[] = [];
  beforeEach(async () => {
    temp = await makeTempDir();
    root = join(temp.path, 'root');
  });
  afterEach(async () => {
    for (const registry of registries.splice(0)) await registry.kill9();
    await temp.remove();
  });

  /** Each in a folder of its own for its configuration, over the one root. */
  const serve = async (name: string, database?: string): Promise<RunningRegistry> => {
    const registry = await RunningRegistry.start({
      folder: join(temp.path, name),
      settings: {
        storage: { filesystem: { rootdirectory: root } },
        ...(database === undefined ? {} : { metadata: { sqlite: { path: database } } }),
      },
    });
    registries.push(registry);
    return registry;
  };
  const tryToServe = async (env: Readonly<Record<string, string>> = {}): Promise<Ended> => {
    const words = [PROGRAM, 'serve', '--root', root, '--addr', `127.0.0.1:${await freePort()}`];
    return runProgram(process.execPath, words, { cwd: temp.path, timeout: 20_000, env });
  };
  const expectRefused = ({ exitCode, stdout, stderr }: Ended, sentence: RegExp): void => {
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^stowage: [^\n]*\n$/);
    expect(stderr).toMatch(sentence);
  };
  /** Every file below the root with its bytes, but those that SQLite itself opens. */
  const everything = async (): Promise<Readonly<Record<string, string>>> => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const read = async (file: string): Promise<[string, string]> => [file, await readFile(file, 'base64')];
    return Object.fromEntries(await Promise.all(files.map(read)));
  };
  const instances = async (): Promise<readonly string[]> =>
    (await readdir(join(root, 'stowage', 'instances'))).filter((name) => name.endsWith('.db'));

  it('is shared by two processes: what one accepts the other serves, and a killed one is cleaned up', async () => {
    const one = await serve('one');
    const two = await serve('two');
    expect(await instances()).toHaveLength(2);
    const manifest = await pushImage(one.client, 'app', 'v1', 'config', { layers: ['layer'] });
    const pull = async (from: RunningRegistry): Promise<string> =>
      (await from.client.send({ path: '/v2/app/manifests/v1' })).body.toString();
    expect(await pull(two)).toBe(manifest);
    await one.kill9();
    const next = await pushImage(two.client, 'app', 'v1', 'next', { layers: ['layer'] });
    expect(await instances()).toHaveLength(2);
    await one.start();
    expect(await pull(one)).toBe(next);
    expect(await instances()).toHaveLength(2);
    expect(await two.stop()).toBe(0);
    expect(await pull(one)).toBe(next);
    expect(await one.stop()).toBe(0);
    expect(await instances()).toEqual([]);
  });

  it('is made by several that start at once, and belongs to the one database that they share', async () => {
    const all = await Promise.all(['one', 'two', 'three'].map((name) => serve(name)));
    expect(await instances()).toHaveLength(3);
    for (const registry of all) await pushImage(registry.client, 'app', `at-${registry.port}`, 'config');
    for (const { client } of all) {
      const { body } = await client.send({ path: '/v2/app/tags/list' });
      expect((JSON.parse(body.toString()) as { tags: string[] }).tags).toHaveLength(3);
    }
    for (const registry of all) expect(await registry.stop()).toBe(0);
    await (await serve('four')).stop();
  });

  it('is not served while a process has it for itself, and nothing is altered', async () => {
    await (await serve('one')).stop();
    const holder = await Holder.start(root, 'alone', 'stowage index rebuild');
    const before = await readdir(root, { recursive: true });
    expectRefused(
      await tryToServe(),
      new RegExp(
        `folder ${root} is in use by \`stowage index rebuild\` on host .*, process ${holder.pid}; stop it`,
      ),
    );
    expect(await readdir(root, { recursive: true })).toEqual(before);
    await holder.kill9();
    const { client } = await serve('one');
    expect((await client.send({ path: '/v2/' })).status).toBe(200);
  });

  it('is not had by another process for itself while it is served', async () => {
    const { pid } = await serve('one');
    const holder = await Holder.start(root, 'alone');
    expect(holder.said).toContain('is in use by `stowage serve`');
    expect(holder.said).toContain(`process ${pid}`);
    await holder.end();
  });

  it('that belongs to another database is refused, and nothing is altered', async () => {
    const one = await serve('one');
    await pushImage(one.client, 'app', 'v1', 'config', { layers: ['layer'] });
    await one.stop();
    const before = await everything();
    const other = join(temp.path, 'other', 'metadata.db');
    const sentence =
      /belongs to .* metadata database .*`stowage index rebuild`.*`stowage index repair --from-storage`/;
    expectRefused(await tryToServe({ REGISTRY_METADATA_SQLITE_PATH: other }), sentence);
    await expect(readdir(join(temp.path, 'other'))).rejects.toThrow(/ENOENT/);
    // A database that is there, of another folder.
    const elsewhere = root;
    root = join(temp.path, 'second');
    await (await serve('two', other)).stop();
    root = elsewhere;
    expectRefused(await tryToServe({ REGISTRY_METADATA_SQLITE_PATH: other }), sentence);
    expect(await everything()).toEqual(before);
  });

  it('that lost its database is not served by a new one', async () => {
    const one = await serve('one');
    await pushImage(one.client, 'app', 'v1', 'config', { layers: ['layer'] });
    await one.stop();
    await rm(join(root, 'stowage', 'metadata.db'));
    const before = await everything();
    expectRefused(
      await tryToServe(),
      /is not at .*metadata\.db; bring it there, or .*`stowage index rebuild`/,
    );
    expect(await everything()).toEqual(before);
  });

  it('is not served by an older copy of its database', async () => {
    const one = await serve('one');
    await pushImage(one.client, 'app', 'v1', 'config', { layers: ['layer'] });
    await one.stop();
    const owner = join(root, 'stowage', 'owner.json');
    const { database } = JSON.parse(await readFile(owner, 'utf8')) as { database: string };
    await writeFile(owner, JSON.stringify({ database, journal: 1_000 }));
    const before = await everything();
    expectRefused(await tryToServe(), /is older than the folder .*, as a restored backup is .*1000/);
    expect(await everything()).toEqual(before);
  });

  it('whose owner.json is damaged is refused', async () => {
    await (await serve('one')).stop();
    await writeFile(join(root, 'stowage', 'owner.json'), '{');
    expectRefused(await tryToServe(), /owner\.json in the folder .* is damaged, .*`stowage index rebuild`/);
  });

  it('goes on when it is moved together with its database', async () => {
    const one = await serve('one');
    const manifest = await pushImage(one.client, 'app', 'v1', 'config', { layers: ['layer'] });
    await one.stop();
    const moved = join(temp.path, 'moved');
    await cp(root, moved, { recursive: true });
    root = moved;
    const { client } = await serve('two');
    expect((await client.send({ path: '/v2/app/manifests/v1' })).body.toString()).toBe(manifest);
  });

  it('of a newer version is refused', async () => {
    await (await serve('one')).stop();
    const { DatabaseSync } = await import('@photostructure/sqlite');
    const raw = new DatabaseSync(join(root, 'stowage', 'metadata.db'));
    raw.exec("INSERT INTO kysely_migration VALUES ('9999-future', '2030-01-01')");
    raw.close();
    expectRefused(await tryToServe(), /was written by a newer version of Stowage \(9999-future\)/);
  });
});

describeWith({ tools: ['mount', 'umount'], root: true }, 'a mounted folder', () => {
  let temp: TempDir;
  let root: string;
  beforeEach(async () => {
    temp = await makeTempDir();
    root = join(temp.path, 'root');
    await mkdir(root);
  });
  afterEach(async () => {
    while ((await runProgram('umount', ['--lazy', root])).exitCode === 0);
    await temp.remove();
  });
  const serve = async (database?: string): Promise<RunningRegistry> =>
    RunningRegistry.start({
      folder: join(temp.path, 'registry'),
      settings: {
        storage: { filesystem: { rootdirectory: root }, delete: { enabled: true } },
        ...(database === undefined ? {} : { metadata: { sqlite: { path: database } } }),
      },
    });
  const makeReadOnly = async (): Promise<void> => {
    await succeed('mount', ['--bind', root, root]);
    await succeed('mount', ['-o', 'remount,ro,bind', root]);
  };

  it('of tmpfs is served with a warning that nothing is kept', async () => {
    await succeed('mount', ['-t', 'tmpfs', 'tmpfs', root]);
    const registry = await serve();
    await registry.stop();
    expect(registry.lines.join('\n')).toMatch(/lies on tmpfs: nothing is kept/);
  });

  it('that can not be written is refused in one sentence, when its database lies in it', async () => {
    await makeReadOnly();
    const words = [PROGRAM, 'serve', '--root', root, '--addr', `127.0.0.1:${await freePort()}`];
    const { exitCode, stderr } = await runProgram(process.execPath, words, {
      cwd: temp.path,
      timeout: 20_000,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^stowage: the folder \S+ cannot be written: EROFS[^\n]* metadata\.sqlite\.path[^\n]*\n$/,
    );
    expect(await readdir(root)).toEqual([]);
  });

  it('that can not be written is served read-only, when its database lies elsewhere', async () => {
    const database = join(temp.path, 'elsewhere', 'metadata.db');
    const before = await serve(database);
    const manifest = await pushImage(before.client, 'app', 'v1', 'config', { layers: ['layer'] });
    expect(await before.stop()).toBe(0);
    await makeReadOnly();
    const registry = await serve(database);
    const send = registry.client.send.bind(registry.client);
    const pulled = await send({ path: '/v2/app/manifests/v1' });
    expect(pulled.body.toString()).toBe(manifest);
    const refused: [string, string, string][] = [
      ['POST', '/v2/app/blobs/uploads/', 'OPTIONS'],
      ['PUT', '/v2/app/manifests/v2', 'GET, HEAD, OPTIONS'],
      ['DELETE', '/v2/app/manifests/v1', 'GET, HEAD, OPTIONS'],
      ['PATCH', '/v2/app/blobs/uploads/2a7e7b8e-9a0c-4d3a-8a6a-6f2b1c0d9e8f', 'GET, HEAD, OPTIONS'],
    ];
    for (const [method, path, allow] of refused) {
      const { status, headers, body } = await send({ method, path, body: method === 'PUT' ? manifest : '' });
      expect([method, status, headers.allow]).toEqual([method, 405, allow]);
      const { errors } = JSON.parse(body.toString()) as { errors: { code: string; message: string }[] };
      expect(errors).toMatchObject([{ code: 'UNSUPPORTED', message: /read-only/ }]);
    }
    expect(await registry.stop()).toBe(0);
    expect(registry.lines.join('\n')).toMatch(/served read-only/);
    expect(registry.lines).toContain(`Stowage listens on ${registry.url} and serves ${root}, read-only.`);
    expect(registry.lines.join('\n')).not.toContain('docker push');
  });
});
