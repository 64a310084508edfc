import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Outcome {
  readonly code: number;
  readonly text: string;
}

async function checkLayers(...args: readonly string[]): Promise<Outcome> {
  return new Promise((done) => {
    execFile(process.execPath, ['scripts/check-layers.mjs', ...args], (error, stdout, stderr) => {
      done({ code: error === null ? 0 : 1, text: stdout + stderr });
    });
  });
}

describe('the dependency rule', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-layers-'));
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  async function plant(files: Readonly<Record<string, string>>): Promise<Outcome> {
    await rm(join(folder, 'src'), { recursive: true, force: true });
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return checkLayers(folder);
  }

  it('holds for the sources, and the check has read them', async () => {
    const { code, text } = await checkLayers();
    expect(text).toMatch(/layers: \d{3,} modules, \d{3,} imports, 0 violations/);
    expect(code).toBe(0);
  }, 60_000);

  it.each([
    ['domain-is-pure', 'src/domain/a.ts', '../application/b.js', 'src/application/b.ts'],
    [
      'application-sees-only-domain',
      'src/application/a.ts',
      '../infrastructure/b.js',
      'src/infrastructure/b.ts',
    ],
    [
      'infrastructure-never-looks-out',
      'src/infrastructure/a.ts',
      '../interfaces/b.js',
      'src/interfaces/b.ts',
    ],
    [
      'interfaces-never-touch-adapters',
      'src/interfaces/a.ts',
      '../infrastructure/b.js',
      'src/infrastructure/b.ts',
    ],
    ['only-main-composes', 'src/interfaces/a.ts', '../container/b.js', 'src/container/b.ts'],
  ])(
    '%s finds a violation that is planted',
    async (rule, from, specifier, to) => {
      const outcome = await plant({
        [from]: `import type { B } from '${specifier}';\nexport type A = B;\n`,
        [to]: 'export type B = string;\n',
      });
      expect(outcome.text).toContain(`${rule}: ${from} -> ${to}`);
      expect(outcome.code).toBe(1);
    },
    60_000,
  );

  it.each([
    ['domain-is-pure', 'src/domain/a.ts', 'node:fs'],
    ['application-sees-only-domain', 'src/application/a.ts', 'node:http'],
    ['express-only-in-interfaces-http', 'src/interfaces/cli/a.ts', 'express'],
    ['inversify-only-in-container', 'src/infrastructure/a.ts', 'inversify'],
    ['kysely-only-in-infrastructure-metadata', 'src/infrastructure/storage/a.ts', 'kysely'],
    ['winston-only-in-infrastructure-observability', 'src/interfaces/http/a.ts', 'winston'],
  ])(
    '%s finds a package where it may not be',
    async (rule, from, pkg) => {
      const outcome = await plant({ [from]: `import * as p from '${pkg}';\nexport const a = p;\n` });
      expect(outcome.text).toContain(`${rule}: ${from}`);
      expect(outcome.code).toBe(1);
    },
    60_000,
  );

  it('finds a cycle', async () => {
    const outcome = await plant({
      'src/domain/a.ts': "import type { B } from './b.js';\nexport type A = B | 1;\n",
      'src/domain/b.ts': "import type { A } from './a.js';\nexport type B = A | 2;\n",
    });
    expect(outcome.text).toContain('no-circular');
  }, 60_000);
});
