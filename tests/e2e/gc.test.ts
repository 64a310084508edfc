import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { digestOf } from '../support/http-client.js';
import { imageManifest, pushBlob, pushImage } from '../support/registry-actions.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { treeFiles } from '../support/tree-files.js';
import { databaseRows, everythingWritten, openFences, storedDigests } from './gc/folder-state.js';
import { gc, readGc, runGc } from './gc/run-gc.js';

/** Words of the summary when nothing went. */
const NOTHING = 'Nothing to remove.\n';

describe('stowage gc', () => {
  let temp: TempDir;
  let root: string;
  let registry: RunningRegistry;
  /** What is tagged: this and what it references stay, whatever is asked for. */
  const kept = ['config', 'layer', imageManifest('config', { layers: ['layer'] })].map((each) =>
    digestOf(each),
  );
  /** A tag moved away from it. */
  const moved = imageManifest('former config', { layers: ['layer'] });
  /** It was deleted. */
  const deleted = imageManifest('deleted config', { layers: ['layer', 'deleted layer'] });
  const garbage = [deleted, 'deleted config', 'deleted layer', 'loose'].map((each) => digestOf(each));
  const untagged = [moved, 'former config'].map((each) => digestOf(each));

  beforeEach(async () => {
    temp = await makeTempDir();
    root = join(temp.path, 'data');
    registry = await RunningRegistry.start({ folder: temp.path });
    const { client } = registry;
    await pushImage(client, 'team/app', 'v1', 'former config', { layers: ['layer'] });
    await pushImage(client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    await pushImage(client, 'team/app', 'gone', 'deleted config', { layers: ['layer', 'deleted layer'] });
    await client.send({ method: 'DELETE', path: `/v2/team/app/manifests/${digestOf(deleted)}` });
    await pushBlob(client, 'team/app', 'loose');
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  const blobs = (digests: readonly string[]): string[] => digests.map((digest) => `blob ${digest}`);
  const stowage = (...words: readonly string[]): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, ...words], { cwd: temp.path });
  const pulled = async (): Promise<void> => {
    for (const reference of ['v1', kept[2]]) {
      const { status } = await registry.client.send({ path: `/v2/team/app/manifests/${reference}` });
      expect(status).toBe(200);
    }
    for (const digest of kept.slice(0, 2)) {
      expect((await registry.client.send({ path: `/v2/team/app/blobs/${digest}` })).status).toBe(200);
    }
  };

  it('removes at once what nothing needs when no registry runs', async () => {
    await registry.stop();
    const run = await runGc(temp.path);
    expect(run).toMatchObject({ exitCode: 0, stderr: '', went: blobs(garbage).toSorted() });
    expect(run.summary).toMatchObject({
      links: 3,
      manifests: { count: 0 },
      blobs: { count: 4 },
      left: 0,
      failed: 0,
      stopped: false,
    });
    expect(storedDigests(root)).toEqual([...kept, ...untagged].toSorted());
    expect(openFences(root)).toEqual([]);
    expect((await gc(temp.path)).stdout).toContain(NOTHING);
    await registry.start();
    await pulled();
  });

  it('keeps beside a registry what is within its grace, and says until when', async () => {
    await everythingWritten(root);
    const before = storedDigests(root);
    const { exitCode, stdout, stderr } = await gc(temp.path);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain(NOTHING);
    expect(stdout).toMatch(
      /Kept for their grace, until \d{4}-\d\d-\d\d \d\d:\d\d UTC at the latest: 3 blobs \(.*--grace 0/,
    );
    expect(storedDigests(root)).toEqual(before);
    // A grace that is longer than the configured one changes nothing.
    expect((await runGc(temp.path, '--grace', '999d')).went).toEqual([]);
    const at = await runGc(temp.path);
    expect(at.summary.keptForGrace).toMatchObject({ blobs: 3 });
    expect(Date.parse(at.summary.keptForGrace.until ?? '')).toBeGreaterThan(Date.now() + 86_000_000);
  });

  it('shortens the grace beside a registry when it is told to, and says what that means', async () => {
    await everythingWritten(root);
    const run = await runGc(temp.path, '--grace', '0');
    expect(run.stderr).toMatch(/^notice: the grace is shortened while a registry runs; .*\n$/);
    expect([run.exitCode, run.went]).toEqual([0, blobs(garbage).toSorted()]);
    await pulled();
    const gone = await registry.client.send({ path: `/v2/team/app/blobs/${digestOf('loose')}` });
    expect(gone.status).toBe(404);
    // The digest may come again.
    await pushBlob(registry.client, 'team/app', 'loose');
    await pushImage(registry.client, 'team/app', 'gone', 'deleted config', {
      layers: ['layer', 'deleted layer'],
    });
    expect(storedDigests(root)).toEqual([...kept, ...untagged, ...garbage].toSorted());
    expect(await stowage('index', 'verify', join(temp.path, 'config.yml'))).toMatchObject({ exitCode: 0 });
  });

  it('waits for as much of the grace as it is told', async () => {
    await registry.stop();
    expect((await runGc(temp.path, '--grace', '1h30m')).went).toEqual([]);
    expect((await runGc(temp.path, '--grace', '0')).went).toHaveLength(4);
  });

  it.each([
    { beside: true, options: ['--grace', '0'], going: 4 },
    { beside: true, options: ['--grace', '0', '--delete-untagged'], going: 7 },
    { beside: true, options: [], going: 0 },
    { beside: false, options: [], going: 4 },
    { beside: false, options: ['-m'], going: 7 },
    { beside: false, options: ['--grace', '24h', '-m'], going: 0 },
  ])(
    'shows with --dry-run what it then does, and changes nothing: %j',
    async ({ beside, options, going }) => {
      await everythingWritten(root);
      if (!beside) await registry.stop();
      const before = { tree: treeFiles(root), rows: databaseRows(root) };
      const shown = await runGc(temp.path, '--dry-run', ...options);
      expect([shown.exitCode, shown.summary.dryRun]).toEqual([0, true]);
      expect(treeFiles(root)).toEqual(before.tree);
      expect(databaseRows(root)).toEqual(before.rows);
      const done = await runGc(temp.path, ...options);
      expect(shown.went).toEqual(done.went);
      expect({ ...shown.summary, dryRun: false, seconds: 0 }).toEqual({ ...done.summary, seconds: 0 });
      expect(done.went).toHaveLength(going);
    },
  );

  it('is called garbage-collect too, with the words of the reference registry', async () => {
    await registry.stop();
    const config = join(temp.path, 'config.yml');
    const long = readGc(await stowage('garbage-collect', '--json', '-d', config, '--delete-untagged'));
    const short = readGc(await stowage('gc', '--json', '-d', '-m', config));
    expect(long.went).toEqual(short.went);
    expect(long.went).toContain(`manifest team/app@${digestOf(moved)}`);
    const run = readGc(await stowage('garbage-collect', '--json', config, '--delete-untagged'));
    expect(run.went).toEqual(long.went);
    expect(storedDigests(root)).toEqual(kept.toSorted());
    await registry.start();
    await pulled();
  });

  it('prints each thing that goes, or the summary only', async () => {
    await registry.stop();
    const shown = await gc(temp.path, '--dry-run');
    expect(shown.stdout.match(/^would remove blob sha256:[0-9a-f]{64} \(\d+ B\)$/gm)).toHaveLength(4);
    expect(shown.stdout).toMatch(
      /\nWould remove 0 manifests, 3 links to blobs and 4 files \(\d+ B\)\. Nothing was changed\.\n$/,
    );
    const quiet = await gc(temp.path, '--dry-run', '-q');
    expect(shown.stdout.endsWith(quiet.stdout)).toBe(true);
    expect(quiet.stdout.trimEnd().split('\n')).toHaveLength(1);
    const json = await gc(temp.path, '--dry-run', '--quiet', '--json');
    expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual(['summary']);
    const done = await gc(temp.path);
    expect(done.stdout.match(/^removed blob sha256:[0-9a-f]{64} \(\d+ B\)$/gm)).toHaveLength(4);
    expect(done.stdout).toMatch(/\nRemoved 0 manifests, 3 links to blobs and 4 files \(\d+ B\) in .* s\.\n$/);
  });
});
