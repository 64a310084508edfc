import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  StorageDriver,
  StorageWriter,
} from '../../../../src/application/ports/storage/storage-driver.js';
import { PieceMemory } from '../../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { dyingStore, Killed, type Loss } from '../../../support/dying-store.js';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';
import { freshDriver } from '../../../support/s3-model.js';

const STAGED = 'uploads/one/data.1';
const PART = 50;
const OPTIONS = { leastPart: PART };

/** One request of a client, in a process that may be killed by it. */
const step = fc.record({
  lengths: fc.array(fc.nat({ max: 130 }), { maxLength: 4 }),
  /** How much of it counts, in hundredths. */
  counted: fc.oneof(fc.constant(100), fc.nat({ max: 100 })),
  /** Requests to the store after which the process is killed. */
  killedAfter: fc.option(fc.nat({ max: 12 })),
  loss: fc.constantFrom<Loss>('request', 'answer'),
  largest: fc.integer({ min: 10, max: 120 }),
  /** Whether another process takes it. */
  isElsewhere: fc.boolean(),
});

async function contentOf(driver: StorageDriver): Promise<Buffer> {
  const reader = await driver.openReader(STAGED);
  if (reader === undefined) return Buffer.alloc(0);
  const content = Buffer.alloc(reader.size);
  await reader.read(content, 0);
  await reader.close();
  return content;
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Uploads one file, one request after another. */
class Client {
  readonly store = new MemoryObjectStore({ leastPart: PART, pageSize: 3, takesTime: true });
  acknowledged = Buffer.alloc(0);
  #driver: StorageDriver | undefined;
  #steps = 0;

  async take(request: Step): Promise<void> {
    this.#steps += 1;
    const { killedAfter, loss, largest, isElsewhere } = request;
    const isKilled = killedAfter !== null;
    const seen = isKilled ? dyingStore(this.store, killedAfter, loss).store : this.store;
    const again = isKilled || isElsewhere ? undefined : this.#driver;
    const driver = again ?? freshDriver(seen, OPTIONS, new PieceMemory(largest));
    this.#driver = isKilled ? undefined : driver;
    await this.#upload(driver, request);
  }

  async #upload(driver: StorageDriver, { lengths, counted }: Step): Promise<void> {
    const chunks = lengths.map((length, nth) => Buffer.alloc(length, this.#steps * 16 + nth));
    const whole = Buffer.concat(chunks);
    let writer: StorageWriter | undefined;
    try {
      writer = await driver.openWriter(STAGED, this.acknowledged.length);
      expect(writer).toBeDefined();
      for (const chunk of chunks) {
        await writer?.write([chunk]);
        if (chunk.length % 3 === 0) await writer?.flush();
      }
      await writer?.flush();
      const end = Math.floor((whole.length * counted) / 100);
      this.acknowledged = Buffer.concat([this.acknowledged, whole.subarray(0, end)]);
      await writer?.close();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      // Who goes on has waited for the lease: what was on its way has arrived.
      if (writer !== undefined) await Promise.allSettled([writer.close()]);
    }
  }
}

describe('uploads in any order of requests, processes and kills', () => {
  it('have exactly what was acknowledged once they are continued, and are placed whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const client = new Client();
        const { store } = client;
        for (const each of steps) {
          await client.take(each);
          const found = await contentOf(freshDriver(store, OPTIONS));
          expect(found.subarray(0, client.acknowledged.length).equals(client.acknowledged)).toBe(true);
        }
        const last = freshDriver(store, OPTIONS);
        const closing = await last.openWriter(STAGED, client.acknowledged.length);
        await closing?.write([Buffer.from('end')]);
        await closing?.close();
        const all = Buffer.concat([client.acknowledged, Buffer.from('end')]);
        expect((await contentOf(last)).equals(all)).toBe(true);
        expect(await freshDriver(store, OPTIONS).move(STAGED, 'blob')).toBe(true);
        expect(store.contentOf('root/blob')?.equals(all)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
