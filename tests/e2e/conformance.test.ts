import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runProgram } from '../support/run-program.js';
import { describeWith, tool } from '../support/tools.js';
import { useRegistry } from '../support/use-registry.js';

const REPORT = join(import.meta.dirname, '../../reports/conformance');

interface Results {
  readonly apis: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

describeWith({ tools: ['conformance'] }, 'the official conformance program', () => {
  // A storage's own answer has no Docker-Content-Digest, for which the program asks.
  const stage = useRegistry({ settings: { validation: { sparse: true } }, redirects: false });
  let printed: string;
  let results: Results;

  // It ends with 0 also when it skipped what is not supported, and when it could not read its configuration: what counts is
  // what it wrote.
  beforeAll(async () => {
    const folder = join(stage.folder, 'results');
    const { stdout, stderr } = await runProgram(tool('conformance'), [], {
      cwd: stage.folder,
      timeout: 300_000,
      env: {
        OCI_VERSION: 'dev',
        OCI_DATA_SPARSE: 'true',
        OCI_TLS: 'disabled',
        OCI_REGISTRY: stage.registry.host,
        OCI_RESULTS_DIR: folder,
      },
    });
    printed = stdout + stderr;
    results = parse(await readFile(join(folder, 'results.yaml'), 'utf8')) as Results;
    await rm(REPORT, { recursive: true, force: true });
    await cp(folder, REPORT, { recursive: true });
  });

  it('passes every capability of the development version, sparse manifests included', () => {
    expect(
      Object.entries({ ...results.apis, ...results.data }).filter(([, result]) => result !== 'Pass'),
    ).toEqual([]);
    expect(Object.keys(results.apis).length).toBeGreaterThanOrEqual(28);
    expect(Object.keys(results.data).length).toBeGreaterThanOrEqual(24);
    expect(printed).toContain('OCI Conformance Result: Pass');
  });

  it('runs every check: none fails, errs, is skipped or disabled', () => {
    const checks = printed.split('\n').filter((line) => /^\s*OCI Conformance Test.*: \w+$/.test(line));
    expect(checks.filter((line) => !line.endsWith(': Pass'))).toEqual([]);
    expect(checks.length).toBeGreaterThan(800);
  });
});
