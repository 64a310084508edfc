import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { PROGRAM } from '../support/start-registry.js';
import { readCorpus } from '../unit/config/corpus.js';

/** Of each kind one or two; none names a file that would have to be there. */
const CHOSEN = [
  'durations/seconds-without-unit',
  'environment/misspelt',
  'images/registry-2',
  'kubernetes/helm-chart',
  'kubernetes/openshift-like',
  'redis/version-3-cluster',
  's3/minio',
  'typos/several',
  'yaml/tabs',
  'yaml/utf-16',
  'yaml/windows-line-ends',
];

describe('config check of configurations as operators have them', () => {
  it.each(CHOSEN)('%s', async (name) => {
    const entry = readCorpus().find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`${name} is not in the corpus`);
    const { file, env, expected } = entry;
    const words = [PROGRAM, 'config', 'check', ...(file === undefined ? [] : [basename(file)])];
    const { exitCode, stdout, stderr } = await runProgram(process.execPath, words, {
      cwd: dirname(expected),
      env,
    });
    const lines = (await readFile(expected, 'utf8')).split('\n');
    expect(lines[0]).toBe(`exit code ${exitCode}`);
    const sentences = lines.flatMap((line) => /^(?:problem|warning|notice): (.*)$/.exec(line)?.[1] ?? []);
    for (const sentence of sentences) expect(stdout + stderr).toContain(`${sentence}\n`);
    expect(stdout + stderr).not.toContain('planted-secret');
  });
});
