import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IMAGE_TOOLS } from '../support/images.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { succeed } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

describeWith({ tools: IMAGE_TOOLS }, 'skopeo', () => {
  const stage = useRegistry({ withImages: true });
  const source = (name: string): string => `oci:${join(stage.images, name)}`;
  const remote = (name: string): string => `docker://${stage.registry.host}/${name}`;
  const skopeo = async (command: string, ...args: string[]): Promise<string> =>
    succeed(tool('skopeo'), ['--insecure-policy', command, ...args], { cwd: stage.folder });
  const copy = async (from: string, to: string, ...options: string[]): Promise<string> =>
    skopeo('copy', '--quiet', ...insecure('--src', from), ...insecure('--dest', to), ...options, from, to);

  it.each([
    ['a small image', 'busybox:1'],
    ['a Debian image', 'debian:bookworm'],
    ['an image of 30 layers', 'many:30'],
    ['an image with zstd layers', 'zstd:bookworm'],
    ['an image with one layer of 500 MB', 'big:500m'],
  ])('pushes and pulls %s without changing a byte', { timeout: 300_000 }, async (_what, name) => {
    // Without this skopeo may take a layer of another compression, which its cache knows to have the same files.
    const whole = '--preserve-digests';
    await copy(source(name), remote(`sk/${name}`), whole);
    const [folder = '', tag = ''] = name.split(':');
    await copy(remote(`sk/${name}`), `oci:${join(stage.folder, `back-${folder}`)}:${tag}`, whole);
    const sent = await new OciLayout(join(stage.images, folder)).verifiedDigests(tag);
    const came = await new OciLayout(join(stage.folder, `back-${folder}`)).verifiedDigests(tag);
    expect(came).toEqual(sent);
  });

  it('pushes and pulls an index with all its platforms', async () => {
    await copy(source('multi:all'), remote('sk/multi:all'), '--all', '--preserve-digests');
    await copy(remote('sk/multi:all'), `oci:${join(stage.folder, 'back-multi')}:all`, '--all');
    const sent = await new OciLayout(join(stage.images, 'multi')).verifiedDigests('all');
    expect(await new OciLayout(join(stage.folder, 'back-multi')).verifiedDigests('all')).toEqual(sent);
    expect(await servedDigests(stage.registry.client, 'sk/multi', 'all')).toEqual(sent);
  });

  it('pulls one platform of an index', async () => {
    await copy(source('multi:all'), remote('sk/platforms:all'), '--all');
    const json = await skopeo(
      '--override-arch',
      'arm64',
      'inspect',
      '--tls-verify=false',
      remote('sk/platforms:all'),
    );
    expect(JSON.parse(json)).toMatchObject({ Architecture: 'arm64', RepoTags: ['all'] });
  });

  it('pushes an index alone where its children are', async () => {
    await copy(source('multi:all'), remote('sk/index-only:all'), '--all');
    await copy(source('multi:all'), remote('sk/index-only:again'), '--multi-arch', 'index-only');
    const { digest } = await new OciLayout(join(stage.images, 'multi')).find('all');
    const { headers } = await stage.registry.client.send({ path: '/v2/sk/index-only/manifests/again' });
    expect(headers['docker-content-digest']).toBe(digest);
  });

  it('pushes Docker schema 2 and gets the same digest back', async () => {
    await copy(source('busybox:1'), remote('sk/docker:1'), '--format', 'v2s2');
    const raw = await skopeo('inspect', '--raw', '--tls-verify=false', remote('sk/docker:1'));
    expect(JSON.parse(raw)).toMatchObject({
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    });
    const served = await servedDigests(stage.registry.client, 'sk/docker', '1');
    await copy(remote('sk/docker:1'), `dir:${join(stage.folder, 'docker-dir')}`);
    await copy(`dir:${join(stage.folder, 'docker-dir')}`, remote('sk/docker-again:1'));
    expect(await servedDigests(stage.registry.client, 'sk/docker-again', '1')).toEqual(served);
  });

  it('pushes an artifact with a subject, which the referrers then list', async () => {
    await copy(source('busybox:1'), remote('sk/subject:1'));
    await copy(source('artifact:sbom'), remote('sk/subject:sbom'));
    const subject = await new OciLayout(join(stage.images, 'busybox')).find('1');
    const artifact = await new OciLayout(join(stage.images, 'artifact')).find('sbom');
    const { body } = await stage.registry.client.send({ path: `/v2/sk/subject/referrers/${subject.digest}` });
    expect(JSON.parse(body.toString())).toMatchObject({ manifests: [{ digest: artifact.digest }] });
  });

  it('copies from one repository to another', async () => {
    await copy(source('busybox:1'), remote('sk/from:1'));
    await copy(remote('sk/from:1'), remote('sk/to:1'));
    expect(await servedDigests(stage.registry.client, 'sk/to', '1')).toEqual(
      await servedDigests(stage.registry.client, 'sk/from', '1'),
    );
  });

  it('goes through docker-archive and oci-archive', async () => {
    await copy(source('busybox:1'), remote('sk/archive:1'));
    await copy(remote('sk/archive:1'), `oci-archive:${join(stage.folder, 'a.tar')}:1`);
    await copy(`oci-archive:${join(stage.folder, 'a.tar')}:1`, remote('sk/archive:2'));
    expect(await servedDigests(stage.registry.client, 'sk/archive', '2')).toEqual(
      await servedDigests(stage.registry.client, 'sk/archive', '1'),
    );
    await copy(remote('sk/archive:1'), `docker-archive:${join(stage.folder, 'd.tar')}:sk/archive:1`);
    await copy(`docker-archive:${join(stage.folder, 'd.tar')}`, remote('sk/archive:docker'));
    const config = async (tag: string): Promise<unknown> =>
      JSON.parse(await skopeo('inspect', '--config', '--tls-verify=false', remote(`sk/archive:${tag}`)));
    expect(await config('docker')).toMatchObject({
      rootfs: ((await config('1')) as { rootfs: unknown }).rootfs,
    });
  });

  it('lists tags in byte order', async () => {
    for (const tag of ['b', 'a', 'B']) await copy(source('busybox:1'), remote(`sk/tags:${tag}`));
    expect(JSON.parse(await skopeo('list-tags', '--tls-verify=false', remote('sk/tags')))).toMatchObject({
      Tags: ['B', 'a', 'b'],
    });
  });

  it('deletes an image, and no tag of it is left', async () => {
    for (const tag of ['1', '2']) await copy(source('busybox:1'), remote(`sk/gone:${tag}`));
    await copy(source('artifact:sbom'), remote('sk/gone:stays'));
    await skopeo('delete', '--tls-verify=false', remote('sk/gone:1'));
    const { body } = await stage.registry.client.send({ path: '/v2/sk/gone/tags/list' });
    expect(JSON.parse(body.toString())).toEqual({ name: 'sk/gone', tags: ['stays'] });
  });

  it('syncs a repository to a folder and back', async () => {
    for (const tag of ['1', '2']) await copy(source('busybox:1'), remote(`sk/sync:${tag}`));
    const folder = join(stage.folder, 'sync');
    await mkdir(folder);
    const out = ['--src', 'docker', '--dest', 'dir', '--src-tls-verify=false'];
    await skopeo('sync', ...out, `${stage.registry.host}/sk/sync`, folder);
    const back = ['--src', 'dir', '--dest', 'docker', '--dest-tls-verify=false'];
    await skopeo('sync', ...back, folder, `${stage.registry.host}/sk/synced`);
    const { body } = await stage.registry.client.send({ path: '/v2/sk/synced/sync/tags/list' });
    expect(JSON.parse(body.toString())).toMatchObject({ tags: ['1', '2'] });
    expect(await servedDigests(stage.registry.client, 'sk/synced/sync', '2')).toEqual(
      await servedDigests(stage.registry.client, 'sk/sync', '2'),
    );
  });
});

function insecure(side: '--src' | '--dest', location: string): string[] {
  return location.startsWith('docker://') ? [`${side}-tls-verify=false`] : [];
}
