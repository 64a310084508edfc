import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IMAGE_TOOLS } from '../support/images.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { succeed } from '../support/run-program.js';
import { describeWith } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

const CONTAINERD = join(import.meta.dirname, 'clients/containerd.sh');

describeWith({ tools: [...IMAGE_TOOLS, 'containerd', 'ctr'], root: true }, 'containerd', () => {
  const stage = useRegistry({ withImages: true });

  it.each([
    ['an index of three platforms', 'multi', 'all'],
    ['an image of 30 layers', 'many', '30'],
    ['an image with zstd layers', 'zstd', 'bookworm'],
  ])('pushes and pulls %s without changing a byte', { timeout: 300_000 }, async (_what, image, tag) => {
    const tar = join(stage.folder, `${image}.tar`);
    const printed = await succeed(
      'bash',
      [CONTAINERD, stage.registry.host, join(stage.images, image), tag, tar],
      {
        timeout: 280_000,
      },
    );
    const sent = new OciLayout(join(stage.images, image));
    expect(printed).toContain(`pulled ${(await sent.find(tag)).digest}`);
    const back = join(stage.folder, image);
    await mkdir(back);
    await succeed('tar', ['-xf', tar, '-C', back]);
    const digests = await sent.verifiedDigests(tag);
    expect(await new OciLayout(back).verifiedDigests(tag)).toEqual(digests);
    expect(await servedDigests(stage.registry.client, 'ci/ctr', tag)).toEqual(digests);
  });
});
