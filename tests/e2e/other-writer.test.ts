import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import { digestOf, type HttpClient } from '../support/http-client.js';
import { blobPath } from '../support/reference-tree.js';
import { needsReference, ReferenceRegistry } from '../support/reference-registry.js';
import { pushImage, putManifest } from '../support/registry-actions.js';
import { runProgram } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const PATIENCE_MS = 30_000;
/** Longer than the grace and several intervals of collection. */
const SEVERAL_RUNS_MS = 2_500;
const NAME = 'team/app';
const FOUND = /another registry writes into this folder \(team\/app .* was not written by Stowage\)/;

describeWith(needsReference('2.8.2'), 'the reference registry writes into a folder that is collected', () => {
  let temp: TempDir;
  let stowage: RunningRegistry;
  let reference: ReferenceRegistry;

  beforeAll(async () => {
    temp = await makeTempDir();
    const gc = { interval: '200ms', grace: '1s', pause: '0s' };
    stowage = await RunningRegistry.start({ folder: temp.path, settings: { gc } });
    reference = await ReferenceRegistry.start('2.8.2', temp.path);
  });
  afterAll(async () => {
    await reference.stop();
    await stowage.stop();
    await temp.remove();
  });

  const hasBytes = (content: string) => existsSync(join(temp.path, 'data', blobPath(digestOf(content))));
  const gc = () =>
    runProgram(process.execPath, [PROGRAM, 'gc', join(temp.path, 'config.yml')], { cwd: temp.path });

  /** The manifest and all that it names, byte for byte. */
  async function expectWhole(client: HttpClient, tag: string, contents: readonly string[]): Promise<void> {
    const headers = { accept: MEDIA_TYPES.ociManifest };
    const manifest = await client.send({ path: `/v2/${NAME}/manifests/${tag}`, headers });
    expect(manifest.status).toBe(200);
    for (const content of contents) {
      const blob = await client.send({ path: `/v2/${NAME}/blobs/${digestOf(content)}` });
      expect([blob.status, blob.body.toString()]).toEqual([200, content]);
      expect(manifest.body.toString()).toContain(digestOf(content));
    }
  }

  async function until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (performance.now() > deadline) throw new Error(`${what}:\n${stowage.lines.join('\n')}`);
      await sleep(50);
    }
  }

  it('suspends collection before anything goes that the images of the other need', async () => {
    const first = await pushImage(stowage.client, NAME, 'v1', 'first', { layers: ['shared', 'only first'] });
    await pushImage(reference.client, NAME, 'theirs', 'theirs', { layers: ['shared'] });
    await pushImage(stowage.client, NAME, 'v2', 'second', { layers: ['only second'] });
    const path = `/v2/${NAME}/manifests/${digestOf(first)}`;
    expect((await stowage.client.send({ method: 'DELETE', path })).status).toBe(202);
    await until('collection was not suspended', () => stowage.lines.some((line) => FOUND.test(line)));
    await sleep(SEVERAL_RUNS_MS);
    expect(stowage.lines.filter((line) => FOUND.test(line))).toHaveLength(1);
    for (const content of ['shared', 'only first', 'first']) expect(hasBytes(content)).toBe(true);
    await expectWhole(reference.client, 'theirs', ['theirs', 'shared']);
    await expectWhole(stowage.client, 'v2', ['second', 'only second']);
  });

  it('ends `stowage gc` with the same sentence and exit code 1', async () => {
    const { exitCode, stderr } = await gc();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(FOUND);
    expect(stderr).toContain('stop the other registry, then restart Stowage');
    for (const content of ['shared', 'only first', 'first']) expect(hasBytes(content)).toBe(true);
  });

  it('goes on after a restart, which takes in what the other has written', async () => {
    await pushImage(stowage.client, NAME, 'v3', 'third', { layers: ['only third'] });
    await reference.stop();
    await stowage.restart();
    await expectWhole(stowage.client, 'theirs', ['theirs', 'shared']);
    await until('garbage is still there', () => !hasBytes('only first') && !hasBytes('first'));
    await sleep(SEVERAL_RUNS_MS);
    for (const client of [stowage.client, await restarted(reference)]) {
      await expectWhole(client, 'theirs', ['theirs', 'shared']);
      await expectWhole(client, 'v2', ['second', 'only second']);
      await expectWhole(client, 'v3', ['third', 'only third']);
    }
    expect(stowage.lines.filter((line) => FOUND.test(line))).toHaveLength(1);
  });

  it('finds an image of which the other has all blobs already, and a tag that it moves', async () => {
    const fourth = await pushImage(stowage.client, NAME, 'v4', 'fourth', { layers: ['only fourth'] });
    const path = `/v2/${NAME}/manifests/${digestOf(fourth)}`;
    expect((await stowage.client.send({ method: 'DELETE', path })).status).toBe(202);
    expect((await putManifest(reference.client, NAME, 'v2', fourth)).status).toBe(201);
    await until(
      'collection was not suspended',
      () => stowage.lines.filter((l) => FOUND.test(l)).length === 2,
    );
    await sleep(SEVERAL_RUNS_MS);
    await expectWhole(reference.client, 'v2', ['fourth', 'only fourth']);
  });
});

async function restarted(reference: ReferenceRegistry): Promise<HttpClient> {
  await reference.start();
  return reference.client;
}
