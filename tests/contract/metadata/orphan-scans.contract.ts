import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { HOUR, NOW } from './metadata-actions.js';
import type { MetadataUnderTest, OpenMetadata } from './metadata-under-test.js';

export function orphanScansContract(adapter: string, open: OpenMetadata): void {
  describe(`OrphanScans on ${adapter}`, () => {
    let ports: MetadataUnderTest;
    beforeEach(async () => {
      ports = await open();
    });
    afterEach(() => ports.dispose());

    const digest = (byte: string, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest =>
      Digest.parse(`${algorithm}:${byte.repeat(algorithm === 'sha256' ? 32 : 64)}`);
    const candidates = async (after?: Digest, limit = 100): Promise<readonly string[]> =>
      (await ports.orphanScans.candidates(after, limit)).map(String);
    const begin = () => ports.orphanScans.begin({ startedAt: NOW, grace: HOUR });

    it('knows of none before one began', async () => {
      expect(await ports.orphanScans.current()).toBeUndefined();
      expect(await candidates()).toEqual([]);
    });

    it('knows how far it has come, and what it has found', async () => {
      await begin();
      expect(await ports.orphanScans.current()).toEqual({ startedAt: NOW, grace: HOUR, after: undefined });
      await ports.orphanScans.reach(digest('20'), [digest('1f'), digest('10')]);
      await ports.orphanScans.reach(digest('10', 'sha512'), [digest('01', 'sha512'), digest('1f')]);
      const after = (await ports.orphanScans.current())?.after;
      expect(String(after)).toBe(String(digest('10', 'sha512')));
      const all = [digest('10'), digest('1f'), digest('01', 'sha512')].map(String);
      expect(await candidates()).toEqual(all);
      expect(await candidates(undefined, 2)).toEqual(all.slice(0, 2));
      expect(await candidates(digest('1f'))).toEqual(all.slice(2));
    });

    it('settles what was found, and stays where it was', async () => {
      await begin();
      await ports.orphanScans.reach(digest('20'), [digest('10')]);
      await ports.orphanScans.settle();
      expect(await candidates()).toEqual([]);
      expect(String((await ports.orphanScans.current())?.after)).toBe(String(digest('20')));
    });

    it.each([
      ['is ended', undefined, () => ports.orphanScans.end()],
      ['begins anew', { startedAt: NOW, grace: HOUR, after: undefined }, () => begin()],
    ])('forgets everything when it %s', async (_what, left, act) => {
      await begin();
      await ports.orphanScans.reach(digest('20'), [digest('10')]);
      await act();
      expect(await ports.orphanScans.current()).toEqual(left);
      expect(await candidates()).toEqual([]);
    });
  });
}
