import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HashingThread } from '../../../src/infrastructure/hashing/hashing-thread.js';
import { ThreadedHash } from '../../../src/infrastructure/hashing/threaded-hash.js';
import { ThreadedHashing } from '../../../src/infrastructure/hashing/threaded-hashing.js';

/** Chunks with buffers of their own, as a socket gives them. */
function chunksOf(content: Buffer, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += size)
    chunks.push(new Uint8Array(content.subarray(at, at + size)));
  return chunks;
}

function expected(content: Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

describe('a threaded hash', () => {
  let hashing: ThreadedHashing;

  beforeEach(() => {
    hashing = new ThreadedHashing();
  });
  afterEach(async () => hashing.close());

  it.each([
    ['nothing', 0],
    ['a byte', 1],
    ['what is kept at most', 256 * 1024],
    ['one byte more', 256 * 1024 + 1],
    ['30 MB', 30_000_000],
  ])('is that of %s, in both algorithms', async (_what, length) => {
    const content = randomBytes(length);
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const hash = hashing.begin(algorithm);
      for (const chunk of chunksOf(content, 65_536)) await hash.update([chunk]);
      expect(String(await hash.digest())).toBe(expected(content, algorithm));
    }
  });

  it('does not depend on how its bytes are cut, nor on rests in between', async () => {
    const content = randomBytes(700_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1 }),
        fc.nat(5),
        async (sizes, every) => {
          const hash = hashing.begin('sha256');
          for (let at = 0, turn = 0; at < content.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1000;
            await hash.update(chunksOf(content.subarray(at, at + Math.max(size, 500)), 50_000));
            at += Math.max(size, 500);
            if (turn % (every + 1) === 0) hash.rest();
          }
          expect(String(await hash.digest())).toBe(expected(content));
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([65_536, 100])(
    'goes without the chunks of which it says that it does not hold them (of %d)',
    async (size) => {
      const content = randomBytes(1_000_000);
      const hash = hashing.begin('sha256');
      let released = 0;
      for (const chunk of chunksOf(content, size)) {
        await hash.update([chunk]);
        if (hash.holdsChunks) continue;
        chunk.fill(0);
        released += chunk.length;
      }
      expect(released).toBeGreaterThan(600_000);
      expect(String(await hash.digest())).toBe(expected(content));
    },
  );

  it('leaves the bytes as they are, which others go on using', async () => {
    const whole = randomBytes(600_000);
    const before = Buffer.from(whole);
    const hash = hashing.begin('sha256');
    await hash.update([whole.subarray(0, 300_000), whole.subarray(300_000)]);
    expect(String(await hash.digest())).toBe(expected(before));
    expect(whole.equals(before)).toBe(true);
  });

  it('keeps many of them apart', async () => {
    const contents = Array.from({ length: 20 }, () => randomBytes(500_000));
    const hashes = contents.map(() => hashing.begin('sha256'));
    for (let piece = 0; piece < 10; piece += 1) {
      await Promise.all(
        hashes.map((hash, at) =>
          hash.update([new Uint8Array(contents[at]!.subarray(piece * 50_000, (piece + 1) * 50_000))]),
        ),
      );
    }
    hashes[3]!.drop();
    for (const [at, hash] of hashes.entries()) {
      if (at !== 3) expect(String(await hash.digest())).toBe(expected(contents[at]!));
    }
  });

  it('that is given up in the middle of an update leaves the memory to the others', async () => {
    for (let round = 0; round < 20; round += 1) {
      const given = hashing.begin('sha256');
      const updating = given.update([new Uint8Array(12_000_000)]);
      given.drop();
      await updating;
    }
    const content = randomBytes(12_000_000);
    const hash = hashing.begin('sha256');
    await hash.update([content]);
    expect(String(await hash.digest())).toBe(expected(content));
  });

  it('says that it is lost when its thread has ended, so that the bytes are read again', async () => {
    const thread = new HashingThread();
    const hash = new ThreadedHash('sha256', thread);
    await hash.update([new Uint8Array(500_000)]);
    await thread.close();
    await hash.update([new Uint8Array(500_000)]);
    expect(await hash.digest()).toBeUndefined();
    const next = new ThreadedHash('sha256', thread);
    await next.update([new Uint8Array(500_000)]);
    expect(String(await next.digest())).toBe(expected(Buffer.alloc(500_000)));
    await thread.close();
  });
});
