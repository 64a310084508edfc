import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { generateTree } from '../support/large-tree.js';
import { needsReference, ReferenceRegistry } from '../support/reference-registry.js';
import { ReferenceTree } from '../support/reference-tree.js';
import { differences, walkRegistry } from '../support/registry-walk.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { copyWords, runCopy } from '../support/run-copy.js';
import type { Ended } from '../support/run-program.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { describeWith } from '../support/tools.js';
import { treeFiles } from '../support/tree-files.js';
import { useTree } from './round-trip/use-tree.js';

const NEEDS = { tools: [...(NEEDS_RGW.tools ?? []), ...(needsReference('2.8.2').tools ?? [])] };
/** Longer than a piece, and than a part of a copy. */
const LARGE = Buffer.alloc(37_000_000, 'a large layer ');

describeWith(NEEDS, 'storage copy with a bucket', () => {
  const bucket = useRgwBucket();
  const folder = useTree('test');
  const back = useTree('test');
  let root: string;
  let tests = 0;

  beforeEach(async () => {
    root = `copy-${(tests += 1)}`;
    await configure('bucket.yml', onBucket(folder.folder, s3Section(bucket(), root)));
    for (const [file, { folder: path }] of [['folder.yml', folder] as const, ['back.yml', back] as const]) {
      await configure(file, { storage: { filesystem: { rootdirectory: join(path, 'data') } } });
    }
    generateTree(join(folder.folder, 'data'), { repositories: 10, tags: 30, blobs: 120 });
    const tree = new ReferenceTree(join(folder.folder, 'data'));
    const layer = tree.blob(LARGE);
    const image = tree.image('large/image', { config: tree.config({ os: 'linux' }), layers: [layer] });
    tree.tag('large/image', 'v1', image.digest);
  });

  const configure = (file: string, sections: object): Promise<void> =>
    writeFile(join(folder.folder, file), JSON.stringify({ version: '0.1', ...sections }));
  const readOnly = (): object => {
    const { storage, ...more } = onBucket(folder.folder, s3Section(bucket(), root));
    return { storage: { ...storage, maintenance: { readonly: { enabled: true } } }, ...more };
  };
  const inFolder = (from: string, to: string): [string, string] => [
    join(folder.folder, from),
    join(folder.folder, to),
  ];
  const copy = (from: string, to: string): Promise<Ended> => runCopy(...inFolder(from, to));
  const namesIn = (tree: string): string[] =>
    [...treeFiles(tree)]
      .filter(([path]) => !path.includes('/index/'))
      .map(([path, content]) => `${path} ${content}`);

  it('brings everything there, where it is served, also by the reference registry; and back', async () => {
    expect(await copy('folder.yml', 'bucket.yml')).toMatchObject({ exitCode: 0, stderr: '' });
    const source = folder.keep(await RunningRegistry.start({ folder: folder.folder }));
    const before = await walkRegistry(source);
    await source.stop();
    const section = s3Section(bucket(), root);
    const settings = onBucket(folder.folder, section);
    const served = back.keep(await RunningRegistry.start({ folder: back.folder, settings }));
    expect(differences(before, await walkRegistry(served))).toEqual([]);
    await served.stop();
    const reference = back.keep(await ReferenceRegistry.start('2.8.2', back.folder, section));
    expect(differences(before, await walkRegistry(reference))).toEqual([]);
    await reference.stop();
    expect(await copy('bucket.yml', 'back.yml')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(namesIn(join(back.folder, 'data'))).toEqual(namesIn(join(folder.folder, 'data')));
  });

  it('goes on after kill -9, wherever that was', async () => {
    for (const wait of [400, 800, 1_200, 1_600]) {
      const child = spawn(
        process.execPath,
        [PROGRAM, ...copyWords(...inFolder('folder.yml', 'bucket.yml'))],
        { stdio: 'ignore' },
      );
      const ended = once(child, 'exit');
      await Promise.race([sleep(wait), ended]);
      child.kill('SIGKILL');
      await ended;
    }
    expect(await copy('folder.yml', 'bucket.yml')).toMatchObject({ exitCode: 0, stderr: '' });
    await configure('read-only.yml', readOnly());
    expect(await copy('read-only.yml', 'back.yml')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(namesIn(join(back.folder, 'data'))).toEqual(namesIn(join(folder.folder, 'data')));
  });

  it('refuses a bucket that a registry serves, and one that is the source under another address', async () => {
    expect(await copy('folder.yml', 'bucket.yml')).toMatchObject({ exitCode: 0 });
    const section = s3Section(bucket(), root);
    const other = { ...section, regionendpoint: `http://localhost:${bucket().port}` };
    await configure('other.yml', { ...onBucket(back.folder, other) });
    const same = await copy('bucket.yml', 'other.yml');
    expect(same.exitCode).toBe(2);
    expect(same.stderr).toContain('are the same one');
    const settings = onBucket(folder.folder, section);
    folder.keep(await RunningRegistry.start({ folder: folder.folder, settings }));
    const { exitCode, stderr } = await copy('folder.yml', 'bucket.yml');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('in use by `stowage serve`');
    // From there it may be copied, but nothing is certain.
    expect(await copy('bucket.yml', 'back.yml')).toMatchObject({ exitCode: 1 });
    expect(namesIn(join(back.folder, 'data'))).toEqual(namesIn(join(folder.folder, 'data')));
  });

  it('is not certain of a bucket whose database is not here, since it may be served from elsewhere', async () => {
    expect(await copy('folder.yml', 'bucket.yml')).toMatchObject({ exitCode: 0 });
    const first = await copy('bucket.yml', 'back.yml');
    expect(first.exitCode).toBe(1);
    expect(first.stderr).toContain('storage.maintenance.readonly.enabled: true');
    await configure('read-only.yml', readOnly());
    expect(await copy('read-only.yml', 'back.yml')).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
