import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { blobOf, NOW, pushImage, repository } from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

const SBOM = 'application/vnd.example.sbom';
const SIGNATURE = 'application/vnd.example.signature';

export function referrerIndexContract(adapter: string, open: OpenMetadata): void {
  describe(`ReferrerIndex on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    const name = repository('a');
    const subject = blobOf('some manifest').digest;
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const refer = (artifactType: string | undefined, note: string, where = 'a'): Promise<Manifest> =>
      pushImage(ports, where, 'config', {
        subject,
        note,
        ...(artifactType === undefined ? {} : { artifactType }),
      });

    const page = async (
      options: {
        artifactTypes?: readonly string[];
        after?: string | undefined;
        limit?: number;
        of?: Digest;
      } = {},
    ): Promise<readonly string[] | undefined> => {
      const found = await ports.referrers.page({
        repository: name,
        subject: options.of ?? subject,
        artifactTypes: options.artifactTypes ?? [],
        after: options.after === undefined ? undefined : Digest.parse(options.after),
        limit: options.limit ?? 100,
      });
      return found?.map((manifest) => manifest.digest.toString());
    };

    it('has none for a digest that nothing refers to', async () => {
      expect(await page()).toEqual([]);
      await refer(SBOM, '1', 'b');
      expect(await page()).toEqual([]);
      await refer(SBOM, '1');
      expect(await page({ of: blobOf('another').digest })).toEqual([]);
    });

    it('lists manifests by a subject that is not here, with their bytes', async () => {
      const manifest = await refer(SBOM, '1');
      const [found] =
        (await ports.referrers.page({
          repository: name,
          subject,
          artifactTypes: [],
          after: undefined,
          limit: 10,
        })) ?? [];
      expect(found?.bytes.equals(manifest.bytes)).toBe(true);
      expect(found?.mediaType).toBe(manifest.mediaType);
      expect(found?.digest.toString()).toBe(manifest.digest.toString());
    });

    it('gives every referrer once, in pages of any size, whether or not it has an artifact type', async () => {
      const pushed = [];
      for (const [at, type] of [SBOM, SIGNATURE, SBOM, undefined, SIGNATURE, undefined, SBOM].entries()) {
        pushed.push((await refer(type, String(at))).digest.toString());
      }
      const all = (await page()) ?? [];
      expect(all.toSorted()).toEqual(pushed.toSorted());
      for (const limit of [1, 2, 3, 7]) {
        const paged: string[] = [];
        for (;;) {
          const part = (await page({ after: paged.at(-1), limit })) ?? [];
          paged.push(...part);
          if (part.length < limit) break;
        }
        expect(paged).toEqual(all);
      }
    });

    it('filters by one or several artifact types, in the order of the whole list', async () => {
      const byType = new Map<string, string>();
      for (const [at, type] of [SBOM, SIGNATURE, 'x/y', SIGNATURE, SBOM].entries()) {
        byType.set((await refer(type, String(at))).digest.toString(), type);
      }
      const all = (await page()) ?? [];
      const expected = (types: readonly string[]) =>
        all.filter((one) => types.includes(byType.get(one) ?? ''));
      for (const types of [[SBOM], [SIGNATURE, SBOM], ['x/y', 'no/such'], ['no/such'], [SBOM, SBOM]]) {
        expect(await page({ artifactTypes: types })).toEqual(expected(types));
        const [first, ...others] = expected(types);
        if (first === undefined) continue;
        expect(await page({ artifactTypes: types, limit: 1 })).toEqual([first]);
        expect(await page({ artifactTypes: types, after: first })).toEqual(others);
      }
    });

    it('takes the config media type of an image for its artifact type', async () => {
      const manifest = await refer(undefined, '1');
      expect(await page({ artifactTypes: ['application/vnd.example.config'] })).toEqual([
        manifest.digest.toString(),
      ]);
    });

    it('loses its place when the referrer after which it should go on is gone', async () => {
      const [first, second] = [await refer(SBOM, '1'), await refer(SBOM, '2')];
      await ports.manifests.delete(name, first.digest, NOW);
      expect(await page({ after: first.digest.toString() })).toBeUndefined();
      expect(await page({ after: blobOf('never').digest.toString() })).toBeUndefined();
      expect(await page()).toEqual([second.digest.toString()]);
    });
  });
}
