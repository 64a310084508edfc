import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AdoptionCounts } from '../../../src/application/use-cases/maintenance/adopt-tree.js';
import { AdoptionOutput } from '../../../src/interfaces/cli/output/adoption-output.js';
import { ManualClock } from '../../support/fakes.js';
import { RecordingLogger } from '../observability/recording-logger.js';

const COUNTS: AdoptionCounts = { repositories: 2, blobs: 10, links: 20, manifests: 5, tags: 5, damaged: 0 };
const DAMAGE = { path: 'a/link', repository: 'a', reason: 'is cut off' };

describe('what an adoption shows', () => {
  let written: string;
  let logger: RecordingLogger;
  let clock: ManualClock;

  beforeEach(() => {
    written = '';
    logger = new RecordingLogger();
    clock = new ManualClock();
  });

  function output(interactive: boolean): AdoptionOutput {
    const stderr = { write: (text: string) => void (written += text) };
    const stdout = { write: () => expect.fail('results are not for stdout') };
    return new AdoptionOutput({ stdout, stderr, interactive, colour: false, width: 100 }, logger, clock);
  }

  const messages = (): readonly string[] => logger.lines.map(({ message }) => message);

  it('is a line of the log every 10 s where nobody looks', () => {
    const shown = output(false);
    for (let second = 0; second < 35; second += 1) {
      shown.progressed(COUNTS);
      clock.advance(1_000);
    }
    expect(messages()).toEqual(Array.from({ length: 3 }, () => 'taking over what the folder has'));
    expect(logger.lines[0]?.fields).toMatchObject({ repositories: 2, tags: 5, rowsPerSecond: 4 });
    expect(written).toBe('');
  });

  it('ends with the counts and the rate in the log', () => {
    const shown = output(false);
    clock.advance(4_000);
    shown.finish({ counts: COUNTS, resumed: true });
    expect(logger.lines).toEqual([
      {
        level: 'info',
        message: 'the database knows what the folder has',
        fields: { ...COUNTS, resumed: true, seconds: 4, rowsPerSecond: 10 },
      },
    ]);
  });

  it('is nothing where nothing was', () => {
    const shown = output(true);
    const none = { repositories: 0, blobs: 0, links: 0, manifests: 0, tags: 0, damaged: 0 };
    shown.finish({ counts: none, resumed: false });
    expect([written, logger.lines]).toEqual(['', []]);
  });

  it('is a line that changes and a summary where somebody looks', () => {
    vi.useFakeTimers();
    try {
      const shown = output(true);
      shown.progressed(COUNTS);
      clock.advance(2_000);
      vi.advanceTimersByTime(250);
      expect(written).toContain('Taking over what the folder has: 2 repositories, 40 rows, 20 rows/s, 2 s');
      written = '';
      shown.finish({ counts: COUNTS, resumed: false });
      expect(written).toBe(
        '\r\u001b[KTook over 2 repositories with 5 tags, 5 manifests and 20 links to 10 blobs in 2.0 s (20 rows/s).\n',
      );
    } finally {
      vi.useRealTimers();
    }
  });

  it('names the first 20 damages on a terminal and says how many more there are', () => {
    const shown = output(true);
    for (let at = 0; at < 25; at += 1) shown.damaged({ ...DAMAGE, path: `a/${at}` });
    shown.finish({ counts: { ...COUNTS, damaged: 25 }, resumed: false });
    const lines = written.split('\n').filter((line) => line.startsWith('  '));
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('  a/0 is cut off');
    expect(lines.at(-1)).toBe('  … and 5 more');
    expect(written).toContain('Not everything in the folder is whole (25):');
  });

  it('logs a thousand damages, and once that there are more', () => {
    const shown = output(false);
    for (let at = 0; at < 1_010; at += 1) shown.damaged(DAMAGE);
    expect(logger.lines).toHaveLength(1_001);
    expect(logger.lines[0]).toEqual({
      level: 'warn',
      message: 'something in the folder is damaged',
      fields: DAMAGE,
    });
    expect(messages().at(-1)).toBe('more in the folder is damaged than is logged');
  });
});
