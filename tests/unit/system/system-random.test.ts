import { describe, expect, it, vi } from 'vitest';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';

describe('the ids of uploads', () => {
  it('are UUIDs of version 7: never the same, and in the order of their time', () => {
    vi.useFakeTimers();
    try {
      const random = new SystemRandom();
      const ids = Array.from({ length: 200 }, () => {
        vi.advanceTimersByTime(1);
        return random.uploadId().toString();
      });
      expect(ids.toSorted()).toEqual(ids);
      vi.setSystemTime(0);
      const atOnce = Array.from({ length: 200 }, () => random.uploadId().toString());
      expect(new Set(atOnce).size).toBe(200);
      for (const id of [...ids, ...atOnce]) {
        expect(UploadId.parse(id)?.toString()).toBe(id);
        expect(id).toMatch(/^.{14}7.{4}[89ab]/);
      }
      expect(atOnce[0]).toMatch(/^00000000-0000-7/);
    } finally {
      vi.useRealTimers();
    }
  });
});
