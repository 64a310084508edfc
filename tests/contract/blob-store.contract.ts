import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../src/domain/content/digest.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { UploadId } from '../../src/domain/upload/upload-id.js';
import { LayoutBlobStore } from '../../src/infrastructure/storage/layout/layout-blob-store.js';
import { LayoutUploadStore } from '../../src/infrastructure/storage/layout/layout-upload-store.js';
import { traitsOf, type DriverUnderTest } from './storage-driver.contract.js';
import { sizeOf, namesIn } from './storage-content.js';

const ID = '0a1b2c3d-0000-4000-8000-000000000001';
const never = new AbortController().signal;

/** What BlobStore keeps, on any driver. */
export function blobStoreContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`blob store on ${name}`, () => {
    const content = Buffer.from('the bytes of a layer');
    const digest = Digest.of('sha256', content);
    const path = `docker/registry/v2/blobs/sha256/${digest.hex.slice(0, 2)}/${digest.hex}/data`;
    const id = UploadId.parse(ID);
    if (id === undefined) throw new Error('the id of the test is no UUID');
    const staged = { repository: RepositoryName.parse('team/app'), id, fence: 1 };
    let under: DriverUnderTest;
    let blobs: LayoutBlobStore;
    let uploads: LayoutUploadStore;

    beforeEach(async () => {
      under = await make();
      blobs = new LayoutBlobStore(under.driver);
      uploads = new LayoutUploadStore(under.driver);
    });
    afterEach(() => under.dispose());

    async function stage(bytes: Uint8Array): Promise<void> {
      const writer = await uploads.openWriter(staged, 0);
      await writer?.write([bytes]);
      await writer?.flush();
      await writer?.close();
    }

    it('has nothing of a blob that was never placed', async () => {
      expect(await blobs.size(digest)).toBeUndefined();
      expect(await blobs.open(digest)).toBeUndefined();
      expect(await blobs.verify(digest, content.length, never)).toBe(false);
    });
    it('places staged bytes where the reference registry looks for them; who copies leaves them staged', async () => {
      await stage(content);
      expect(await blobs.place(staged, digest)).toBe(true);
      expect(await sizeOf(under.driver, path)).toBe(content.length);
      const left = traitsOf(under).move === 'copy' ? content.length : undefined;
      expect(await uploads.size(staged)).toBe(left);
    });
    it('opens what was placed', async () => {
      await stage(content);
      await blobs.place(staged, digest);
      const reader = await blobs.open(digest);
      const buffer = Buffer.alloc(100);
      expect(await reader?.read(buffer, 4)).toBe(content.length - 4);
      expect(buffer.subarray(0, content.length - 4)).toEqual(content.subarray(4));
      await reader?.close();
    });
    it('opens what was placed where reading will begin, and reads elsewhere as well', async () => {
      await stage(content);
      await blobs.place(staged, digest);
      const reader = await blobs.open(digest, 4);
      const buffer = Buffer.alloc(5);
      for (const position of [4, 9, 0]) {
        expect(await reader?.read(buffer, position)).toBe(5);
        expect(buffer).toEqual(content.subarray(position, position + 5));
      }
      expect(reader?.size).toBe(content.length);
      await reader?.close();
    });
    it('has addresses for its blobs, or none, whether they are there or not', async () => {
      const before = await blobs.linkTo(digest);
      await stage(content);
      await blobs.place(staged, digest);
      const after = await blobs.linkTo(digest);
      expect(typeof after).toBe(typeof before);
      if (after !== undefined) expect(new URL(after).pathname).toContain(digest.hex);
    });
    it('tells the file of a blob where there are files, whether it is there or not', async () => {
      const before = blobs.fileOf(digest);
      await stage(content);
      await blobs.place(staged, digest);
      const file = blobs.fileOf(digest);
      expect(file).toEqual(before);
      expect(file !== undefined).toBe(under.driver.name === 'filesystem');
      if (file !== undefined) {
        expect(file.path).toBe(path);
        expect(await readFile(join(file.root, file.path))).toEqual(content);
      }
    });
    it('keeps a sha512 blob under its own algorithm', async () => {
      const sha512 = Digest.of('sha512', content);
      await stage(content);
      await blobs.place(staged, sha512);
      const folder = `docker/registry/v2/blobs/sha512/${sha512.hex.slice(0, 2)}/${sha512.hex}`;
      expect(await namesIn(under.driver, folder)).toEqual(['data']);
    });
    it('says false when the staged file is gone', async () => {
      await stage(content);
      await blobs.place(staged, digest);
      await uploads.remove(staged.repository, staged.id);
      expect(await blobs.place(staged, digest)).toBe(false);
      expect(await blobs.size(digest)).toBe(content.length);
    });
    it.each(['', 'damaged bytes'])('heals a digest path that holds %j', async (damage) => {
      await under.driver.putContent(path, Buffer.from(damage));
      expect(await blobs.verify(digest, content.length, never)).toBe(false);
      await stage(content);
      expect(await blobs.place(staged, digest)).toBe(true);
      expect(await blobs.verify(digest, content.length, never)).toBe(true);
    });
    it('verifies by the bytes, not by the size alone', async () => {
      await under.driver.putContent(path, Buffer.from('the bytes of a lAyer'));
      expect(await blobs.verify(digest, content.length, never)).toBe(false);
    });
    it('verifies by the size, not by a prefix alone', async () => {
      await under.driver.putContent(path, Buffer.concat([content, content]));
      expect(await blobs.verify(digest, content.length, never)).toBe(false);
    });
    it('lets an abort end a verification', async () => {
      await under.driver.putContent(path, content);
      const reason = new Error('the client has left');
      await expect(blobs.verify(digest, content.length, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
