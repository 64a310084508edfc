import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { IMAGE_TOOLS } from '../support/images.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { succeed } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

const TLS = '--tls-verify=false';

describeWith({ tools: [...IMAGE_TOOLS, 'podman', 'buildah'], root: true }, 'podman and buildah', () => {
  const stage = useRegistry({ withImages: true });
  let context: string;

  /** Storage of its own for each client: nothing is found locally, nothing of the machine's is touched. */
  const storage = async (name: string): Promise<Record<string, string>> => {
    const folder = join(stage.folder, name);
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'storage.conf');
    const roots = `graphroot = "${folder}/root"\nrunroot = "${folder}/run"\n`;
    await writeFile(file, `[storage]\ndriver = "vfs"\n${roots}`);
    return { CONTAINERS_STORAGE_CONF: file };
  };
  const client =
    (name: 'podman' | 'buildah', env: Record<string, string>) =>
    async (...args: string[]): Promise<string> =>
      (await succeed(tool(name), args, { cwd: stage.folder, env })).trim();
  const configDigest = async (repository: string, tag: string): Promise<string> => {
    const { body } = await stage.registry.client.send({ path: `/v2/${repository}/manifests/${tag}` });
    return (JSON.parse(body.toString()) as { config: { digest: string } }).config.digest;
  };

  beforeAll(async () => {
    context = join(stage.folder, 'context');
    await mkdir(context);
    await copyFile(tool('busybox'), join(context, 'busybox'));
    await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/sh\nCMD ["/bin/sh"]\n');
  });

  it.each(['podman', 'buildah'] as const)(
    '%s builds, pushes, forgets and pulls the same image',
    async (name) => {
      const image = `${stage.registry.host}/${name}/hello:1`;
      const run = client(name, await storage(name));
      const id = await run('build', '-q', '-t', image, context);
      await run('push', '-q', TLS, image);
      await run('rmi', '-f', image);
      expect(await run('pull', '-q', TLS, image)).toBe(id);
      expect(await configDigest(`${name}/hello`, '1')).toBe(`sha256:${id.replace('sha256:', '')}`);
      await servedDigests(stage.registry.client, `${name}/hello`, '1');
    },
  );

  it('podman pulls what skopeo pushed, 30 layers and zstd included', { timeout: 300_000 }, async () => {
    const run = client('podman', await storage('podman-pull'));
    for (const name of ['many:30', 'zstd:bookworm']) {
      const target = `docker://${stage.registry.host}/pulled/${name}`;
      const from = `oci:${join(stage.images, name)}`;
      await succeed(tool('skopeo'), [
        '--insecure-policy',
        'copy',
        '-q',
        '--dest-tls-verify=false',
        from,
        target,
      ]);
      const id = await run('pull', '-q', TLS, `${stage.registry.host}/pulled/${name}`);
      const [folder = '', tag = ''] = name.split(':');
      expect(`sha256:${id}`).toBe(await configDigest(`pulled/${folder}`, tag));
      await run('rmi', '-f', id);
    }
  });

  it.each([
    ['OCI', 'oci', 'application/vnd.oci.image.index.v1+json'],
    ['Docker', 'v2s2', 'application/vnd.docker.distribution.manifest.list.v2+json'],
  ])('podman builds for two platforms and pushes the list as %s', async (_kind, format, mediaType) => {
    const list = `${stage.registry.host}/podman/list-${format}:1`;
    const run = client('podman', await storage(`podman-${format}`));
    const platforms = ['--platform', 'linux/amd64,linux/arm64'];
    await run('build', '-q', ...platforms, '--no-cache', '--manifest', list, context);
    await run('manifest', 'push', '-q', '--all', '--format', format, TLS, list, `docker://${list}`);
    const { body } = await stage.registry.client.send({ path: `/v2/podman/list-${format}/manifests/1` });
    const index = JSON.parse(body.toString()) as {
      mediaType: string;
      manifests: { platform: { architecture: string } }[];
    };
    expect(index.mediaType).toBe(mediaType);
    expect(index.manifests.map(({ platform }) => platform.architecture).toSorted()).toEqual([
      'amd64',
      'arm64',
    ]);
    await servedDigests(stage.registry.client, `podman/list-${format}`, '1');
  });

  it('podman searches the tags of a repository', async () => {
    const run = client('podman', await storage('podman-search'));
    await run('build', '-q', '-t', `${stage.registry.host}/podman/search:first`, context);
    await run('push', '-q', TLS, `${stage.registry.host}/podman/search:first`);
    expect(await run('search', TLS, '--list-tags', `${stage.registry.host}/podman/search`)).toContain(
      'first',
    );
  });

  it('buildah assembles an index from images of the registry', async () => {
    const layout = new OciLayout(join(stage.images, 'multi'));
    const from = `oci:${layout.folder}:all`;
    const multi = `docker://${stage.registry.host}/buildah/multi:all`;
    // As in skopeo.test.ts: a layer of another compression makes another image.
    const kept = ['--preserve-digests', '--dest-tls-verify=false'];
    const skopeo = ['--insecure-policy', 'copy', '-q', '--all', ...kept, from, multi];
    await succeed(tool('skopeo'), skopeo);
    const run = client('buildah', await storage('buildah-index'));
    await run('manifest', 'create', 'm');
    await run('manifest', 'add', '--all', TLS, 'm', multi);
    await run('manifest', 'push', '-q', '--all', TLS, 'm', `docker://${stage.registry.host}/buildah/index:1`);
    const { manifests } = await layout.reachable(await layout.find('all'));
    const children = manifests.slice(1).map(({ digest }) => digest);
    expect(await servedDigests(stage.registry.client, 'buildah/index', '1')).toEqual(
      expect.arrayContaining(children),
    );
  });
});
