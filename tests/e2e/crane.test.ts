import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IMAGE_TOOLS } from '../support/images.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { runProgram, succeed } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

describeWith({ tools: [...IMAGE_TOOLS, 'crane'] }, 'crane', () => {
  const stage = useRegistry({ withImages: true });
  const ref = (name: string): string => `${stage.registry.host}/crane/${name}`;
  const crane = async (...args: string[]): Promise<string> =>
    (await succeed(tool('crane'), [...args, '--insecure'], { cwd: stage.folder })).trim();
  const layout = (image: string): OciLayout => new OciLayout(join(stage.images, image));

  it.each([
    ['an image', 'busybox', '1'],
    ['an image of 30 layers', 'many', '30'],
    ['an image with zstd layers', 'zstd', 'bookworm'],
  ])('pushes and pulls %s without changing a byte', { timeout: 300_000 }, async (_what, image, tag) => {
    await crane('push', layout(image).folder, ref(`${image}:${tag}`));
    await crane('pull', '--format', 'oci', ref(`${image}:${tag}`), `back-${image}`);
    const back = new OciLayout(join(stage.folder, `back-${image}`));
    expect(await back.verifiedDigests()).toEqual(await layout(image).verifiedDigests(tag));
  });

  it('finds a pushed image well-formed, layer by layer', async () => {
    await crane('push', layout('debian').folder, ref('valid:1'));
    expect(await crane('validate', '--remote', ref('valid:1'))).toContain('PASS');
  });

  it('pushes an index, copies it to another repository and tags it', async () => {
    const sent = layout('multi');
    await crane('push', '--index', sent.folder, ref('multi:wrapped'));
    await crane('copy', ref(`multi@${(await sent.find('all')).digest}`), ref('copied:all'));
    expect(await servedDigests(stage.registry.client, 'crane/copied', 'all')).toEqual(
      await sent.verifiedDigests('all'),
    );
    await crane('tag', ref('copied:all'), 'again');
    expect(await crane('digest', ref('copied:again'))).toBe((await sent.find('all')).digest);
    expect((await crane('ls', ref('copied'))).split('\n')).toEqual(['again', 'all']);
  });

  it('pushes an artifact with its subject, and the referrers list it', async () => {
    await crane('push', layout('busybox').folder, ref('subject:1'));
    await crane('push', '--index', layout('artifact').folder, ref('subject:artifacts'));
    const subject = await layout('busybox').find('1');
    const { body } = await stage.registry.client.send({
      path: `/v2/crane/subject/referrers/${subject.digest}`,
    });
    const listed = (JSON.parse(body.toString()) as { manifests: { digest: string }[] }).manifests;
    const artifacts = [await layout('artifact').find('sbom'), await layout('artifact').find('sig')];
    expect(listed.map(({ digest }) => digest).toSorted()).toEqual(
      artifacts.map(({ digest }) => digest).toSorted(),
    );
  });

  it('deletes a tag and the image it named, and is told so afterwards', async () => {
    await crane('push', layout('busybox').folder, ref('gone:1'));
    const digest = await crane('digest', ref('gone:1'));
    await crane('delete', ref(`gone@${digest}`));
    const { exitCode, stderr } = await runProgram(tool('crane'), ['manifest', ref('gone:1'), '--insecure']);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('MANIFEST_UNKNOWN');
  });
});
