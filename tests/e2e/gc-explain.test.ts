import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { RunningRegistry, PROGRAM } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

describe('stowage gc explain', () => {
  let temp: TempDir;
  let registry: RunningRegistry;

  beforeEach(async () => {
    temp = await makeTempDir();
    registry = await RunningRegistry.start({ folder: temp.path });
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  const explain = (...words: readonly string[]): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, 'gc', 'explain', ...words, join(temp.path, 'config.yml')], {
      cwd: temp.path,
    });

  it('says beside a running registry what it keeps and what will go, and after its end the same', async () => {
    const manifest = await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    const orphan = await pushBlob(registry.client, 'team/app', 'orphan');
    for (const isRunning of [true, false]) {
      if (!isRunning) await registry.stop();
      const layer = await explain(`team/app@${digestOf('layer')}`);
      expect(layer).toMatchObject({ exitCode: 0, stderr: '' });
      expect(layer.stdout).toMatch(/^team\/app@\S+ is kept\.\n/);
      expect(layer.stdout).toContain(
        `\n  tag v1\n    manifest ${digestOf(manifest)}\n      layer ${digestOf('layer')}\n`,
      );
      const image = await explain('team/app:v1', '--json');
      expect(JSON.parse(image.stdout)).toMatchObject({ verdict: 'kept', digest: digestOf(manifest) });
      expect((await explain(orphan)).stdout).toMatch(/goes: not before [^\n]+ UTC \(in 36 h\)\.\n/);
      expect(await explain(digestOf('never'))).toMatchObject({ exitCode: 1, stdout: '' });
    }
  });

  it('says why it can not be asked', async () => {
    expect(await explain('team/app')).toMatchObject({ exitCode: 2, stdout: '' });
    const { exitCode, stdout, stderr } = await explain('team/app:v1', '--root', join(temp.path, 'nothing'));
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^stowage: there is no metadata database [^\n]+; `stowage serve` makes it\.\n$/);
  });
});
