import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { servedDigests } from '../support/oci-layout.js';
import { runProgram, succeed } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';
import { IMAGE_TOOLS } from '../support/images.js';

const ENGINE = join(import.meta.dirname, 'clients/dockerd.sh');

describeWith(
  { tools: [...IMAGE_TOOLS, 'dockerd', 'docker', 'containerd', 'runc'], root: true },
  'docker engine',
  () => {
    const stage = useRegistry({ withImages: true });

    it('builds, pushes, forgets, pulls and runs an image', async () => {
      const printed = await succeed('bash', [ENGINE, stage.registry.host]);
      expect(printed).toContain('from container\nran\n');
      expect(printed).toContain('PASS dockerd');
      const served = await servedDigests(stage.registry.client, 'ci/hello', '1');
      const [pushed] = /sha256:[0-9a-f]{64}/.exec(printed.split('pushed ')[1] ?? '') ?? [];
      expect(served).toContain(pushed);
    });

    it(
      'pulls an image of 30 layers and its own platform of an index, and pushes them again',
      { timeout: 300_000 },
      async () => {
        for (const image of ['many:30', 'multi:all']) {
          const to = `docker://${stage.registry.host}/engine/${image}`;
          const from = `oci:${join(stage.images, image)}`;
          await succeed(tool('skopeo'), [
            '--insecure-policy',
            'copy',
            '-q',
            '--all',
            '--dest-tls-verify=false',
            from,
            to,
          ]);
        }
        await succeed('bash', [ENGINE, stage.registry.host, 'engine/many:30', 'engine/multi:all'], {
          timeout: 280_000,
        });
        for (const [image, tag] of [
          ['many', '30'],
          ['multi', 'all'],
        ] as const) {
          await servedDigests(stage.registry.client, `ci/again-${image}`, tag);
          expect(await configDigest(`ci/again-${image}`, tag)).toBe(
            await configDigest(`engine/${image}`, tag),
          );
        }
      },
    );

    /** An image's id, which does not depend on how its layers are compressed; of an index, that of this platform. */
    const configDigest = async (repository: string, reference: string): Promise<string> => {
      const { body } = await stage.registry.client.send({ path: `/v2/${repository}/manifests/${reference}` });
      const { config, manifests } = JSON.parse(body.toString()) as {
        config?: { digest: string };
        manifests?: { digest: string; platform: { architecture: string } }[];
      };
      if (config !== undefined) return config.digest;
      const own = manifests?.find(({ platform }) => platform.architecture === 'amd64');
      return configDigest(repository, own?.digest ?? 'no-such-platform');
    };
  },
);

describeWith({ tools: [...IMAGE_TOOLS, 'docker'] }, 'docker manifest', () => {
  const stage = useRegistry({ withImages: true });
  const docker = async (...args: string[]): Promise<string> =>
    succeed(tool('docker'), args, {
      cwd: stage.folder,
      env: { DOCKER_CONFIG: join(stage.folder, 'docker') },
    });

  beforeAll(async () => {
    await mkdir(join(stage.folder, 'docker'));
  });

  it('makes a manifest list of two images, pushes and inspects it', async () => {
    for (const arch of ['amd64', 'arm64']) {
      const from = `oci:${join(stage.images, 'multi')}:all`;
      const to = `docker://${stage.registry.host}/dm/image:${arch}`;
      const options = ['copy', '-q', '--format', 'v2s2', '--dest-tls-verify=false'];
      await succeed(tool('skopeo'), ['--insecure-policy', '--override-arch', arch, ...options, from, to]);
    }
    const list = `${stage.registry.host}/dm/image:list`;
    const members = ['amd64', 'arm64'].map((arch) => `${stage.registry.host}/dm/image:${arch}`);
    await docker('manifest', 'create', '--insecure', list, ...members);
    const pushed = (await docker('manifest', 'push', '--insecure', list)).trim();
    const { headers } = await stage.registry.client.send({ path: '/v2/dm/image/manifests/list' });
    expect(headers['docker-content-digest']).toBe(pushed);
    const inspected: unknown = JSON.parse(await docker('manifest', 'inspect', '--insecure', list));
    expect(inspected).toMatchObject({
      manifests: [{ platform: { architecture: 'amd64' } }, { platform: { architecture: 'arm64' } }],
    });
  });

  it('says that an image is not there', async () => {
    const missing = ['manifest', 'inspect', '--insecure', `${stage.registry.host}/dm/nothing:1`];
    const { exitCode, stderr } = await runProgram(tool('docker'), missing);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no such manifest');
  });
});
