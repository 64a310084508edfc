import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/application/ports/system/configuration-reader.js';
import { loadConfig } from '../../../src/infrastructure/config/load-config.js';
import { type CorpusEntry, readCorpus, showOutcome, strayExpectations } from './corpus.js';

const corpus = readCorpus();

function outcomeOf({ file, env, expected }: CorpusEntry): string {
  try {
    const request = { file: file && basename(file), flags: [] };
    const { report } = loadConfig(request, env, dirname(expected));
    return showOutcome({ ...report, problems: [] });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return showOutcome({ problems: error.problems, warnings: [], notices: [], values: [] });
  }
}

describe('configurations as operators have them', () => {
  it('are more than a hundred, each with what is expected of it', () => {
    expect(corpus.length).toBeGreaterThan(100);
    expect(strayExpectations()).toEqual([]);
  });

  // After a wanted change: npx vitest run tests/unit/config/corpus.test.ts -u, and read what has changed.
  it.each(corpus)('$name', async (entry) => {
    const outcome = outcomeOf(entry);
    expect(outcome).not.toContain('planted-secret');
    await expect(outcome).toMatchFileSnapshot(entry.expected);
  });
});
