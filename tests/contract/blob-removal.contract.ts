import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../src/domain/content/digest.js';
import { LayoutBlobRemoval } from '../../src/infrastructure/storage/layout/layout-blob-removal.js';
import { LayoutBlobStore } from '../../src/infrastructure/storage/layout/layout-blob-store.js';
import { traitsOf, type DriverUnderTest } from './storage-driver.contract.js';
import { namesIn, readWhole } from './storage-content.js';

const BLOBS = 'docker/registry/v2/blobs';
const content = Buffer.from('the bytes of a layer');
const digest = Digest.of('sha256', content);
const above = `${BLOBS}/sha256/${digest.hex.slice(0, 2)}`;

/** What BlobRemoval keeps, on any driver. */
export function blobRemovalContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`blob removal on ${name}`, () => {
    let under: DriverUnderTest;
    let blobs: LayoutBlobStore;
    let removal: LayoutBlobRemoval;
    beforeEach(async () => {
      under = await make();
      blobs = new LayoutBlobStore(under.driver);
      removal = new LayoutBlobRemoval(under.driver);
    });
    afterEach(() => under.dispose());

    const opened = async () => {
      const token = randomBytes(16);
      await removal.openFence(token);
      return token;
    };

    it('is proven without leaving a fence, and once', async () => {
      await removal.prove();
      expect(await removal.openedBefore(Date.now() + 60_000)).toEqual([]);
      const refusing = new LayoutBlobRemoval(
        new Proxy(under.driver, {
          get: (driver, key) => {
            const value: unknown = Reflect.get(driver, key);
            if (key === 'openFence') return () => Promise.reject(new Error('no fences'));
            return typeof value === 'function' ? value.bind(driver) : value;
          },
        }),
      );
      await expect(refusing.prove()).rejects.toThrow('no fences');
      await expect(refusing.prove()).rejects.toThrow('no fences');
    });

    describe('through an open fence', () => {
      it('takes the bytes and the folder of their digest, and no folder above but implied ones', async () => {
        await blobs.put(digest, content);
        expect(await removal.remove(digest, await opened())).toBe('gone');
        expect(await blobs.size(digest)).toBeUndefined();
        expect(await blobs.open(digest)).toBeUndefined();
        expect(await namesIn(under.driver, above)).toEqual([]);
        const left = traitsOf(under).folders === 'implied' ? [] : [digest.hex.slice(0, 2)];
        expect(await namesIn(under.driver, `${BLOBS}/sha256`)).toEqual(left);
      });
      it('leaves what else is in the folder of the digest', async () => {
        await blobs.put(digest, content);
        await under.driver.putContent(`${above}/${digest.hex}/note`, content);
        expect(await removal.remove(digest, await opened())).toBe('gone');
        expect(await namesIn(under.driver, `${above}/${digest.hex}`)).toEqual(['note']);
      });
      it('finds gone what was never there, and what it has removed already', async () => {
        const token = await opened();
        expect(await removal.remove(digest, token)).toBe('gone');
        await blobs.put(digest, content);
        expect(await removal.remove(digest, token)).toBe('gone');
        expect(await removal.remove(digest, token)).toBe('gone');
      });
      it('takes many, each under its algorithm, and nothing beside them', async () => {
        const sha512 = Digest.of('sha512', content);
        const kept = Digest.of('sha256', Buffer.from('kept'));
        for (const each of [digest, sha512, kept]) await blobs.put(each, content);
        const token = await opened();
        expect(await Promise.all([digest, sha512].map((each) => removal.remove(each, token)))).toEqual([
          'gone',
          'gone',
        ]);
        const sizes = await Promise.all([digest, sha512, kept].map((each) => blobs.size(each)));
        expect(sizes).toEqual([undefined, undefined, content.length]);
      });
      it('lets a reader that has the bytes open go on, until after their next life', async () => {
        await blobs.put(digest, content);
        const reader = await blobs.open(digest);
        const token = await opened();
        await removal.remove(digest, token);
        await removal.breakFence(token);
        await blobs.put(digest, content);
        expect(await readWhole(reader)).toBe(content.toString());
        expect(await readWhole(await blobs.open(digest))).toBe(content.toString());
      });
    });

    describe('after its fence was broken', () => {
      it('is fenced, and the bytes stay', async () => {
        await blobs.put(digest, content);
        const token = await opened();
        await removal.breakFence(token);
        expect(await removal.remove(digest, token)).toBe('fenced');
        expect(await blobs.size(digest)).toBe(content.length);
        expect(await removal.remove(Digest.of('sha256', Buffer.from('absent')), token)).toBe('fenced');
      });
      it('does not touch the next life of a digest that it has removed', async () => {
        await blobs.put(digest, content);
        const token = await opened();
        expect(await removal.remove(digest, token)).toBe('gone');
        await removal.breakFence(token);
        await blobs.put(digest, content);
        expect(await removal.remove(digest, token)).toBe('fenced');
        expect(await blobs.size(digest)).toBe(content.length);
      });
      it('goes on under other claims', async () => {
        await blobs.put(digest, content);
        const [token, other] = [await opened(), await opened()];
        await removal.breakFence(token);
        expect(await removal.remove(digest, other)).toBe('gone');
      });
      it('changes no path any more, whenever it began', async () => {
        for (let round = 0; round < 50; round += 1) {
          await blobs.put(digest, content);
          const token = await opened();
          const before = [removal.remove(digest, token), removal.remove(digest, token)];
          const breaking = removal.breakFence(token);
          const meanwhile = removal.remove(digest, token);
          await breaking;
          await blobs.put(digest, content);
          const after = removal.remove(digest, token);
          await Promise.all([...before, meanwhile]);
          expect(await after).toBe('fenced');
          expect(await blobs.size(digest)).toBe(content.length);
        }
      });
    });

    it('is fenced when its fence was never opened', async () => {
      await blobs.put(digest, content);
      expect(await removal.remove(digest, randomBytes(16))).toBe('fenced');
      expect(await blobs.size(digest)).toBe(content.length);
    });

    describe('a fence', () => {
      it('frees what was taken when it is broken', async () => {
        await blobs.put(digest, content);
        const token = await opened();
        await removal.remove(digest, token);
        await removal.breakFence(token);
        expect(await namesIn(under.driver, 'stowage/gc')).toEqual([]);
      });
      it('may be broken again, by several at once, and when it was never opened', async () => {
        await blobs.put(digest, content);
        const token = await opened();
        await removal.remove(digest, token);
        await Promise.all([token, token, token].map((each) => removal.breakFence(each)));
        await removal.breakFence(token);
        await removal.breakFence(randomBytes(16));
      });
      it('is told of while it is open, from a moment after its opening on', async () => {
        await under.driver.putContent('stowage/moment', content);
        const before = (await under.driver.stat('stowage/moment'))?.changedAt ?? 0;
        const [one, two, broken] = [await opened(), await opened(), await opened()];
        await removal.breakFence(broken);
        await sleep(traitsOf(under).tick);
        await under.driver.putContent('stowage/moment', content);
        const after = (await under.driver.stat('stowage/moment'))?.changedAt ?? 0;
        const told = async (moment: number) =>
          (await removal.openedBefore(moment)).map((each) => each.toString('hex')).toSorted();
        expect(await told(before)).toEqual([]);
        expect(await told(after)).toEqual([one, two].map((each) => each.toString('hex')).toSorted());
        await removal.breakFence(one);
        expect(await told(after)).toEqual([two.toString('hex')]);
      });
      it('is told of only when it is one: other names are not ours', async () => {
        expect(await removal.openedBefore(Infinity)).toEqual([]);
        await under.driver.openFence('stowage/gc/lost-and-found', BLOBS);
        expect(await removal.openedBefore(Infinity)).toEqual([]);
      });
    });
  });
}
