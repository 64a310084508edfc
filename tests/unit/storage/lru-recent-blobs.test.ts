import { describe, expect, it } from 'vitest';
import { LruRecentBlobs } from '../../../src/infrastructure/storage/lru-recent-blobs.js';
import { blobOf } from '../../contract/metadata/metadata-actions.js';

const KIB = Buffer.alloc(1024);

describe('blobs that were pulled lately', () => {
  it('go, the longest unasked first, when their bytes exceed the budget', () => {
    const recent = new LruRecentBlobs(2 * (KIB.length + 512));
    const [first, second, third] = ['first', 'second', 'third'].map((content) => blobOf(content).digest);
    recent.keep(first!, KIB);
    recent.keep(second!, KIB);
    recent.find(first!);
    recent.keep(third!, KIB);
    expect([first!, second!, third!].map((digest) => recent.find(digest) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    expect(recent.counts.bytes).toBe(2 * (KIB.length + 512));
  });
});
