import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IMAGE_TOOLS } from '../support/images.js';
import { digestOf } from '../support/http-client.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { succeed } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

describeWith({ tools: [...IMAGE_TOOLS, 'regctl'] }, 'regctl', () => {
  const stage = useRegistry({ withImages: true });
  const ref = (name: string): string => `${stage.registry.host}/regctl/${name}`;
  const regctl = async (...args: string[]): Promise<string> => {
    const host = ['--host', `reg=${stage.registry.host},tls=disabled`];
    const env = { REGCTL_CONFIG: join(stage.folder, 'regctl.json') };
    return (await succeed(tool('regctl'), [...args, ...host], { cwd: stage.folder, env })).trim();
  };
  const layout = (image: string): OciLayout => new OciLayout(join(stage.images, image));
  const from = (image: string, tag: string): string => `ocidir://${layout(image).folder}:${tag}`;

  it.each([
    ['an index of three platforms', 'multi', 'all'],
    ['an image of 30 layers', 'many', '30'],
    ['an image with zstd layers', 'zstd', 'bookworm'],
  ])('copies %s in and out without changing a byte', { timeout: 300_000 }, async (_what, image, tag) => {
    await regctl('image', 'copy', from(image, tag), ref(`${image}:${tag}`));
    const back = join(stage.folder, `back-${image}`);
    await regctl('image', 'copy', ref(`${image}:${tag}`), `ocidir://${back}:${tag}`);
    const sent = await layout(image).verifiedDigests(tag);
    expect(await new OciLayout(back).verifiedDigests(tag)).toEqual(sent);
    expect(await servedDigests(stage.registry.client, `regctl/${image}`, tag)).toEqual(sent);
  });

  it('attaches an artifact to an image and lists it as a referrer', async () => {
    await regctl('image', 'copy', from('busybox', '1'), ref('subject:1'));
    const text = join(stage.folder, 'sbom.txt');
    await writeFile(text, 'parts');
    const type = 'application/vnd.example.sbom';
    await regctl('artifact', 'put', '--artifact-type', type, '--subject', ref('subject:1'), '--file', text);
    const listed: unknown = JSON.parse(
      await regctl('artifact', 'list', ref('subject:1'), '--format', '{{json .}}'),
    );
    expect(listed).toMatchObject({ descriptors: [{ artifactType: type }] });
    expect(await regctl('artifact', 'get', '--subject', ref('subject:1'))).toBe('parts');
  });

  it('uploads a blob in pieces and reads it back', async () => {
    const content = Buffer.alloc(5_000_000, 'stowage');
    const file = join(stage.folder, 'blob');
    await writeFile(file, content);
    const blob = ['--host', `reg=${stage.registry.host},tls=disabled,blobChunk=1000000,blobMax=1000000`];
    const config = join(stage.folder, 'regctl-pieces.json');
    const put = `"$0" blob put "$@" < ${file}`;
    const printed = await succeed('bash', ['-c', put, tool('regctl'), ref('pieces'), ...blob], {
      env: { REGCTL_CONFIG: config },
    });
    expect(printed).toContain(digestOf(content));
    const { body } = await stage.registry.client.send({
      path: `/v2/regctl/pieces/blobs/${digestOf(content)}`,
    });
    expect(body.equals(content)).toBe(true);
  });

  it('deletes one tag and leaves the other one and its image', async () => {
    await regctl('image', 'copy', from('busybox', '1'), ref('tags:a'));
    await regctl('image', 'copy', ref('tags:a'), ref('tags:b'));
    await regctl('tag', 'rm', ref('tags:a'));
    expect(await regctl('tag', 'ls', ref('tags'))).toBe('b');
    expect(await servedDigests(stage.registry.client, 'regctl/tags', 'b')).toEqual(
      await layout('busybox').verifiedDigests('1'),
    );
  });
});
