import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IMAGE_TOOLS } from '../support/images.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { runProgram, succeed } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

describeWith({ tools: [...IMAGE_TOOLS, 'oras'] }, 'oras', () => {
  const stage = useRegistry({ withImages: true });
  const ref = (name: string): string => `${stage.registry.host}/oras/${name}`;
  const oras = async (...args: string[]): Promise<string> =>
    (await succeed(tool('oras'), args, { cwd: stage.folder })).trim();
  const layout = (image: string): OciLayout => new OciLayout(join(stage.images, image));

  it('pushes files as an artifact and pulls the same files', async () => {
    await writeFile(join(stage.folder, 'report.txt'), 'all is well');
    const type = ['--artifact-type', 'application/vnd.example.report'];
    await oras('push', '--plain-http', ...type, ref('files:1'), 'report.txt:text/plain');
    await mkdir(join(stage.folder, 'pulled'));
    await oras('pull', '--plain-http', '-o', 'pulled', ref('files:1'));
    expect(await readFile(join(stage.folder, 'pulled/report.txt'), 'utf8')).toBe('all is well');
  });

  it('attaches artifacts to an image and discovers them, all or of one type', async () => {
    await oras(
      'cp',
      '--from-oci-layout',
      '--to-plain-http',
      `${layout('busybox').folder}:1`,
      ref('subject:1'),
    );
    await writeFile(join(stage.folder, 'sbom.json'), '{}');
    for (const kind of ['sbom', 'signature']) {
      const type = ['--artifact-type', `example/${kind}`];
      await oras('attach', '--plain-http', ...type, ref('subject:1'), 'sbom.json');
    }
    const discover = async (...options: string[]): Promise<string[]> => {
      const json = await oras(
        'discover',
        '--plain-http',
        '--format',
        'json',
        '--depth',
        '1',
        ...options,
        ref('subject:1'),
      );
      const { referrers } = JSON.parse(json) as { referrers: { artifactType: string }[] };
      return referrers.map(({ artifactType }) => artifactType).toSorted();
    };
    expect(await discover()).toEqual(['example/sbom', 'example/signature']);
    expect(await discover('--artifact-type', 'example/sbom')).toEqual(['example/sbom']);
    const { body } = await stage.registry.client.send({ path: '/v2/oras/subject/tags/list' });
    // The fallback tag of clients that find no referrers is not there.
    expect(JSON.parse(body.toString())).toEqual({ name: 'oras/subject', tags: ['1'] });
  });

  it('copies an index with its referrers to another repository', async () => {
    const from = `${layout('multi').folder}:all`;
    await oras('cp', '--from-oci-layout', '--to-plain-http', from, ref('multi:all'));
    const annotation = ['--annotation', 'note=kept'];
    await oras('attach', '--plain-http', '--artifact-type', 'example/note', ...annotation, ref('multi:all'));
    await oras('cp', '-r', '--from-plain-http', '--to-plain-http', ref('multi:all'), ref('copied:all'));
    expect(await servedDigests(stage.registry.client, 'oras/copied', 'all')).toEqual(
      await layout('multi').verifiedDigests('all'),
    );
    const { digest } = await layout('multi').find('all');
    const referrers = async (repository: string): Promise<unknown> => {
      const path = `/v2/oras/${repository}/referrers/${digest}`;
      return JSON.parse((await stage.registry.client.send({ path })).body.toString());
    };
    expect(await referrers('copied')).toMatchObject({ manifests: [{ artifactType: 'example/note' }] });
    expect(await referrers('copied')).toEqual(await referrers('multi'));
  });

  it('deletes a manifest, and fetching it then says that it is unknown', async () => {
    const from = `${layout('busybox').folder}:1`;
    await oras('cp', '--from-oci-layout', '--to-plain-http', from, ref('gone:1'));
    await oras('manifest', 'delete', '--plain-http', '--force', ref('gone:1'));
    const fetch = ['manifest', 'fetch', '--plain-http', ref('gone:1')];
    const { exitCode, stderr } = await runProgram(tool('oras'), fetch);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('not found');
  });
});
