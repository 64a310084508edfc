import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ensureImages, IMAGE_TOOLS } from '../support/images.js';
import { pushImageSet, skopeoCopy, type PushTarget } from '../support/push-image-set.js';
import { differences, walkRegistry } from '../support/registry-walk.js';
import { succeed } from '../support/run-program.js';
import { RunningRegistry } from '../support/start-registry.js';
import { describeWith, findTool, tool } from '../support/tools.js';
import { runGc } from './gc/run-gc.js';
import { useTree } from './round-trip/use-tree.js';

describeWith({ tools: IMAGE_TOOLS }, 'what real clients have pushed', () => {
  const tree = useTree('group');
  let images = '';
  beforeAll(async () => {
    images = await ensureImages();
  });

  it('is pulled whole after --delete-untagged: indexes, lists, artifacts and signatures of what is tagged', async () => {
    const registry = tree.keep(await RunningRegistry.start({ folder: tree.folder }));
    const target: PushTarget = { host: registry.host, images, folder: tree.folder };
    await pushImageSet(target, false);
    const artifact = [`http://${registry.host}`, 'set/busybox', join(images, 'artifact')];
    await succeed('bash', [join(import.meta.dirname, 'clients/push-artifact.sh'), ...artifact]);
    const before = await walkRegistry(registry);
    // Garbage of every kind: tags that move away from an index, an image and a list.
    await skopeoCopy(target, 'multi:all', 'set/moved:latest', '--all');
    await skopeoCopy(target, 'debian:bookworm', 'set/moved:latest');
    await skopeoCopy(target, 'zstd:bookworm', 'set/moved:latest');
    await skopeoCopy(target, 'multi:all', 'set/moved:list', '--all', '--format', 'v2s2');
    await skopeoCopy(target, 'busybox:1', 'set/moved:list');
    const kept = await walkRegistry(registry);
    const run = await runGc(tree.folder, '--delete-untagged', '--grace', '0');
    expect([run.exitCode, run.failed, run.summary.left]).toEqual([0, [], 0]);
    // Two indexes with three children each, and an image.
    expect(run.went.filter((each) => each.startsWith('manifest set/moved@'))).toHaveLength(9);
    expect(run.went.filter((each) => each.startsWith('manifest '))).toHaveLength(9);
    expect(differences(kept, await walkRegistry(registry))).toEqual([]);
    expect([...before.keys()].filter((key) => !kept.has(key))).toEqual([]);
    for (const name of [...kept.keys()].filter((key) => /^set\/[^@:/]+:[^/]+$/.test(key))) {
      const pulled = join(tree.folder, 'pulled');
      await mkdir(pulled);
      const from = `docker://${registry.host}/${name}`;
      const copy = ['--insecure-policy', 'copy', '--quiet', '--all', '--src-tls-verify=false'];
      await succeed(tool('skopeo'), [...copy, from, `dir:${pulled}`]);
      await rm(pulled, { recursive: true });
    }
    const referrers = await registry.client.send({
      path: `/v2/set/busybox/referrers/${await digestOfTag(registry)}`,
    });
    const { manifests } = JSON.parse(referrers.body.toString()) as { manifests: readonly unknown[] };
    expect(manifests).toHaveLength(findTool('oras') === undefined ? 2 : 3);
    if (findTool('oras') === undefined) return;
    const to = join(tree.folder, 'layout');
    const copy = [
      'cp',
      '--recursive',
      '--from-plain-http',
      '--to-oci-layout',
      `${registry.host}/set/busybox:1`,
    ];
    await succeed(tool('oras'), [...copy, `${to}:1`]);
  });
});

async function digestOfTag({ client }: RunningRegistry): Promise<string> {
  const { headers } = await client.send({ method: 'HEAD', path: '/v2/set/busybox/manifests/1' });
  return String(headers['docker-content-digest']);
}
