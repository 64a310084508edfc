import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StagedFile } from '../../src/application/ports/storage/upload-store.js';
import { Digest } from '../../src/domain/content/digest.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { UploadId } from '../../src/domain/upload/upload-id.js';
import { LayoutUploadStore } from '../../src/infrastructure/storage/layout/layout-upload-store.js';
import type { DriverUnderTest } from './storage-driver.contract.js';
import { namesIn } from './storage-content.js';

const ID = '0a1b2c3d-0000-4000-8000-000000000002';
const never = new AbortController().signal;

/** What UploadStore keeps, on any driver. */
export function uploadStoreContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`upload store on ${name}`, () => {
    const repository = RepositoryName.parse('team/app');
    const id = UploadId.parse(ID);
    if (id === undefined) throw new Error('the id of the test is no UUID');
    const fenced = (fence: number): StagedFile => ({ repository, id, fence });
    const folder = `docker/registry/v2/repositories/team/app/_uploads/${ID}`;
    let under: DriverUnderTest;
    let uploads: LayoutUploadStore;

    beforeEach(async () => {
      under = await make();
      uploads = new LayoutUploadStore(under.driver);
    });
    afterEach(() => under.dispose());

    async function append(staged: StagedFile, offset: number, more: string): Promise<void> {
      const writer = await uploads.openWriter(staged, offset);
      await writer?.write([Buffer.from(more)]);
      await writer?.close();
    }

    async function text(path: string): Promise<string | undefined> {
      const reader = await under.driver.openReader(path);
      if (reader === undefined) return undefined;
      const buffer = Buffer.alloc(reader.size);
      await reader.read(buffer, 0);
      await reader.close();
      return buffer.toString();
    }

    it('notes the start as the reference registry reads it', async () => {
      await uploads.create(repository, id, Date.UTC(2026, 1, 3, 4, 5, 6, 789));
      expect(await text(`${folder}/startedat`)).toBe('2026-02-03T04:05:06Z');
      expect(await namesIn(under.driver, folder)).toEqual(['startedat']);
    });
    it('keeps the bytes of a session under the fence of its lease', async () => {
      await append(fenced(7), 0, 'abc');
      expect(await text(`${folder}/data.7`)).toBe('abc');
      expect(await uploads.size(fenced(7))).toBe(3);
      expect(await uploads.size(fenced(8))).toBeUndefined();
    });
    it('continues at the offset and gives up when bytes are missing', async () => {
      await append(fenced(1), 0, 'abcdef');
      await append(fenced(1), 4, 'X');
      expect(await text(`${folder}/data.1`)).toBe('abcdX');
      expect(await uploads.openWriter(fenced(1), 6)).toBeUndefined();
      expect(await uploads.openWriter(fenced(2), 1)).toBeUndefined();
    });
    it('copies the acknowledged bytes to the next fence and leaves the old file alone', async () => {
      await append(fenced(1), 0, 'acknowledged, and more');
      expect(await uploads.copy(fenced(1), 2, 12)).toBe(true);
      expect(await text(`${folder}/data.2`)).toBe('acknowledged');
      expect(await text(`${folder}/data.1`)).toBe('acknowledged, and more');
    });
    it('copies nothing when there are fewer bytes', async () => {
      await append(fenced(1), 0, 'abc');
      expect(await uploads.copy(fenced(1), 2, 4)).toBe(false);
      expect(await uploads.copy(fenced(5), 6, 0)).toBe(false);
      expect(await namesIn(under.driver, folder)).toEqual(['data.1']);
    });
    it('copies more than a piece', async () => {
      const big = 'stowage '.repeat(400_000);
      await append(fenced(1), 0, big);
      expect(await uploads.copy(fenced(1), 2, big.length - 1)).toBe(true);
      expect((await text(`${folder}/data.2`)) === big.slice(0, -1)).toBe(true);
    });
    it('keeps a writer that wakes up late out of the file of the next fence', async () => {
      const late = await uploads.openWriter(fenced(1), 0);
      await late?.write([Buffer.from('abc')]);
      await late?.flush();
      await uploads.copy(fenced(1), 2, 3);
      const next = await uploads.openWriter(fenced(2), 3);
      await late?.write([Buffer.from('LATE')]);
      await next?.write([Buffer.from('def')]);
      await Promise.all([late?.close(), next?.close()]);
      expect(await text(`${folder}/data.2`)).toBe('abcdef');
    });
    it('hashes the first bytes', async () => {
      await append(fenced(1), 0, 'abcdef');
      expect(String(await uploads.hash(fenced(1), 'sha512', 3, never))).toBe(
        String(Digest.of('sha512', Buffer.from('abc'))),
      );
      expect(await uploads.hash(fenced(1), 'sha256', 7, never)).toBeUndefined();
    });
    it('removes a session with all of its fences, and only that session', async () => {
      const other = UploadId.parse('0a1b2c3d-0000-4000-8000-000000000003');
      if (other === undefined) throw new Error('the id of the test is no UUID');
      await uploads.create(repository, id, 0);
      await uploads.create(repository, other, 0);
      await append(fenced(1), 0, 'abc');
      await append(fenced(2), 0, 'abc');
      await uploads.remove(repository, id);
      await uploads.remove(repository, id);
      expect(await namesIn(under.driver, `docker/registry/v2/repositories/team/app/_uploads`)).toEqual([
        String(other),
      ]);
    });
  });
}
