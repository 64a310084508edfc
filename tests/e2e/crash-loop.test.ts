import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { runCrashSeries } from './crash-loop/crash-series.js';

describe('kill -9 under a mixed load', () => {
  let temp: TempDir;

  beforeEach(async () => {
    temp = await makeTempDir();
  });
  afterEach(async () => temp.remove());

  it(
    'loses nothing that was acknowledged and leaves nothing half there, 20 times',
    { timeout: 600_000 },
    async () => {
      const seed = randomUUID();
      const report = await runCrashSeries(temp.path, 20, seed);
      expect(report.complaints, `seed ${seed}`).toEqual([]);
      // It was a load worth the name.
      expect(report.blobs).toBeGreaterThan(300);
      expect(report.manifests).toBeGreaterThan(100);
      expect(report.uploads).toBeGreaterThan(20);
    },
  );
});
