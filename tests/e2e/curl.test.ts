import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IMAGE_TOOLS } from '../support/images.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { succeed } from '../support/run-program.js';
import { describeWith } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

const PUSH_ARTIFACT = join(import.meta.dirname, 'clients/push-artifact.sh');

describeWith({ tools: [...IMAGE_TOOLS, 'curl'] }, 'curl', () => {
  const stage = useRegistry({ withImages: true });

  it('pushes artifacts whose subject is not there yet, and finds them as its referrers', async () => {
    const artifacts = join(stage.images, 'artifact');
    const layout = new OciLayout(artifacts);
    const sbom = await layout.find('sbom');
    const sig = await layout.find('sig');
    const subject = await new OciLayout(join(stage.images, 'busybox')).find('1');
    const printed = await succeed('bash', [PUSH_ARTIFACT, stage.registry.url, 'curl/artifacts', artifacts]);
    for (const { digest } of [sbom, sig]) expect(printed).toContain(`manifest 201 ${digest}`);
    expect(printed.match(/^oci-subject: .*$/gim)).toEqual([
      `OCI-Subject: ${subject.digest}`,
      `OCI-Subject: ${subject.digest}`,
    ]);
    const [all = '', allStatus, filtered = '', filteredStatus] = printed.trimEnd().split('\n').slice(-4);
    expect(allStatus).toBe('200 application/vnd.oci.image.index.v1+json');
    expect(listed(all)).toEqual([sbom.digest, sig.digest].toSorted());
    expect(filteredStatus).toBe('200');
    expect(listed(filtered)).toEqual([sbom.digest]);
    for (const [tag, { digest }] of Object.entries({ sbom, sig })) {
      expect(await servedDigests(stage.registry.client, 'curl/artifacts', digest)).toEqual(
        await layout.verifiedDigests(tag),
      );
    }
  });
});

function listed(index: string): string[] {
  const { manifests } = JSON.parse(index) as { manifests: { digest: string }[] };
  return manifests.map(({ digest }) => digest).toSorted();
}
