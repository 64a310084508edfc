import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { servedDigests } from '../support/oci-layout.js';
import { runProgram, succeed } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

describeWith({ tools: ['helm'] }, 'helm', () => {
  const stage = useRegistry();
  const home = (): Record<string, string> => ({
    HELM_CONFIG_HOME: join(stage.folder, 'helm/config'),
    HELM_CACHE_HOME: join(stage.folder, 'helm/cache'),
    HELM_DATA_HOME: join(stage.folder, 'helm/data'),
  });
  const helm = async (...args: string[]): Promise<string> =>
    succeed(tool('helm'), args, { cwd: stage.folder, env: home() });

  it('pushes a chart and pulls the same archive, by version and without one', async () => {
    await helm('create', 'harbour');
    await helm('package', 'harbour', '--version', '1.2.3+build.4');
    await helm('push', '--plain-http', 'harbour-1.2.3+build.4.tgz', `oci://${stage.registry.host}/charts`);
    const sent = await readFile(join(stage.folder, 'harbour-1.2.3+build.4.tgz'));
    for (const [folder, version] of [
      ['named', ['--version', '1.2.3+build.4']],
      ['newest', []],
    ] as const) {
      await mkdir(join(stage.folder, folder));
      const chart = `oci://${stage.registry.host}/charts/harbour`;
      await helm('pull', '--plain-http', chart, ...version, '-d', folder);
      const came = await readFile(join(stage.folder, folder, 'harbour-1.2.3+build.4.tgz'));
      expect(came.equals(sent)).toBe(true);
    }
    // Tags have no plus sign; helm writes an underscore.
    await servedDigests(stage.registry.client, 'charts/harbour', '1.2.3_build.4');
  });

  it('says that a chart is not there', async () => {
    const chart = `oci://${stage.registry.host}/charts/nothing`;
    const { exitCode, stderr } = await runProgram(
      tool('helm'),
      ['pull', '--plain-http', chart, '--version', '1.0.0'],
      { cwd: stage.folder, env: home() },
    );
    expect(exitCode).toBe(1);
    expect(stderr).toContain('not found');
  });
});
