import { describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../../../src/application/ports/storage/storage-driver.js';
import { Digest } from '../../../../src/domain/content/digest.js';
import { PieceMemory } from '../../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { dyingStore, Killed, type Loss } from '../../../support/dying-store.js';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';
import { freshDriver } from '../../../support/s3-model.js';

const STAGED = 'uploads/one/data.1';
const BLOB = 'blobs/data';
const PART = 100;
const OPTIONS = { leastPart: PART };
const never = new AbortController().signal;

/** What the client was told. */
interface Told {
  acknowledged: Buffer;
  /** Whether the file was being moved. */
  moving: boolean;
}

/** Bytes that tell where they belong and who wrote them. */
function bytes(writer: number, from: number, length: number): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, at) => (writer * 71 + (from + at) * 7 + ((from + at) >> 8)) % 256),
  );
}

async function contentOf(driver: StorageDriver, path: string): Promise<Buffer | undefined> {
  const reader = await driver.openReader(path);
  if (reader === undefined) return undefined;
  const content = Buffer.alloc(reader.size);
  await reader.read(content, 0);
  await reader.close();
  return content;
}

/** One request: what is flushed counts, as far as the caller says so. */
async function append(
  driver: StorageDriver,
  told: Told,
  writer: number,
  lengths: readonly number[],
  counted?: number,
): Promise<void> {
  const start = told.acknowledged.length;
  const file = await driver.openWriter(STAGED, start);
  expect(file).toBeDefined();
  let end = start;
  for (const length of lengths) {
    await file?.write([bytes(writer, end, length)]);
    end += length;
    if (length % 2 === 0) continue;
    await file?.flush();
    if (counted === undefined)
      told.acknowledged = Buffer.concat([
        told.acknowledged,
        bytes(writer, told.acknowledged.length, end - told.acknowledged.length),
      ]);
  }
  await file?.flush();
  const kept = counted === undefined ? end : start + counted;
  const from = told.acknowledged.length;
  told.acknowledged = Buffer.concat([told.acknowledged, bytes(writer, from, kept - from)]);
  await file?.close();
}

/** A whole upload: large and small requests, one of which counts in part only, and one that counts for nothing. */
async function upload(driver: StorageDriver, told: Told): Promise<void> {
  await append(driver, told, 1, [230, 31, 40]);
  for (let at = 0; at < 8; at += 1) await append(driver, told, 1, [21]);
  await append(driver, told, 1, [144], 0);
  await append(driver, told, 1, [36, 60], 50);
  await append(driver, told, 1, [15]);
  told.moving = true;
  await driver.move(STAGED, BLOB);
}

async function untilKilled(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

/** What another process finds, and that it can finish what was begun. */
async function expectKept(store: MemoryObjectStore, told: Told): Promise<void> {
  const { acknowledged } = told;
  const moved = store.contentOf(`root/${BLOB}`);
  if (moved !== undefined) expect([told.moving, moved.equals(acknowledged)]).toEqual([true, true]);
  const driver = freshDriver(store, OPTIONS, new PieceMemory(PART));
  if (acknowledged.length > 0) {
    const found = (await contentOf(driver, STAGED)) ?? Buffer.alloc(0);
    expect(found.subarray(0, acknowledged.length).equals(acknowledged)).toBe(true);
    const digest = await driver.hash(STAGED, 'sha256', acknowledged.length, never);
    expect(String(digest)).toBe(String(Digest.of('sha256', acknowledged)));
  }
  const after: Told = { acknowledged, moving: false };
  await append(driver, after, 2, [PART]);
  const whole = Buffer.concat([acknowledged, bytes(2, acknowledged.length, PART)]);
  for (const each of [driver, freshDriver(store, OPTIONS)]) {
    expect((await contentOf(each, STAGED))?.equals(whole)).toBe(true);
    expect(await each.openWriter(STAGED, whole.length + 1)).toBeUndefined();
    expect(await each.move(STAGED, BLOB)).toBe(true);
    expect(store.contentOf(`root/${BLOB}`)?.equals(whole)).toBe(true);
  }
}

async function requestsOf(work: (driver: StorageDriver) => Promise<void>): Promise<number> {
  const store = new MemoryObjectStore({ leastPart: PART });
  await work(freshDriver(store, OPTIONS, new PieceMemory(PART)));
  return store.total;
}

describe.each<Loss>(['request', 'answer'])(
  'an upload whose process is killed and loses its last %s',
  (loss) => {
    it('keeps what was acknowledged, whenever it happens, and pads nothing', async () => {
      const requests = await requestsOf((driver) =>
        upload(driver, { acknowledged: Buffer.alloc(0), moving: false }),
      );
      expect(requests).toBeGreaterThan(60);
      for (let at = 0; at < requests; at += 1) {
        const store = new MemoryObjectStore({ leastPart: PART });
        const told: Told = { acknowledged: Buffer.alloc(0), moving: false };
        const dying = dyingStore(store, at, loss);
        await untilKilled(upload(freshDriver(dying.store, OPTIONS, new PieceMemory(PART)), told));
        expect(dying.isDead()).toBe(true);
        await expectKept(store, told);
      }
    });

    it.each([
      ['another process', false],
      ['the same process', true],
    ])('takes nothing of an attempt that counted for nothing, when %s begins again', async (_who, isSame) => {
      for (let at = 0; at < 12; at += 1) {
        const store = new MemoryObjectStore({ leastPart: PART });
        const dying = dyingStore(store, at + (isSame ? 5 : 0), loss);
        const second = freshDriver(dying.store, OPTIONS, new PieceMemory(PART));
        const first = isSame ? second : freshDriver(store, OPTIONS, new PieceMemory(PART));
        const nothing: Told = { acknowledged: Buffer.alloc(0), moving: false };
        // Five pieces that end where those of the next attempt do.
        await append(first, nothing, 3, [5 * PART], 0);
        const told: Told = { acknowledged: Buffer.alloc(0), moving: false };
        await untilKilled(append(second, told, 4, [PART + 1, PART - 1]));
        await untilKilled(append(second, told, 4, [PART]));
        await expectKept(store, told);
      }
    });
  },
);
