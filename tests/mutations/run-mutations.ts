// `npm run mutations -- [part of a name]`: takes each step of the protocol of collection out of a copy of the program and
// expects the tests of collection to notice. Prints a table; ends with 1 when a change goes unnoticed.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLLECTION_MUTATIONS } from './collection-mutations.js';
import { mutate } from './mutate.js';
import { WAITING_MUTATIONS } from './waiting-mutations.js';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = ['src', 'tests', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
const COLLECTION = 'tests/integration/collection';
/** The quick ones first: most changes get no further. */
const STAGES: readonly (readonly string[])[] = [
  [
    ...['promises', 'claims', 'power-loss', 'kept-children', 'departed-subjects'].map(
      (name) => `${COLLECTION}/${name}.test.ts`,
    ),
    'tests/integration/metadata/replay-names.test.ts',
  ],
  [`${COLLECTION}/soak.test.ts`],
  [`${COLLECTION}/fault-points.test.ts`],
  [`${COLLECTION}/interleavings.test.ts`],
];
const PATIENCE = 600_000;

interface Noticed {
  readonly test: string;
  readonly message: string;
}

interface Results {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function copyProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-mutations-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** @returns what failed first; undefined when nothing did */
function runTests(folder: string, tests: readonly string[]): Noticed | undefined {
  const output = join(folder, 'results.json');
  rmSync(output, { force: true });
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--project',
    'house',
    '--bail',
    '1',
    '--reporter',
    'json',
    '--outputFile',
    output,
    ...tests,
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: folder, timeout: PATIENCE, stdio: 'ignore' });
  if (status === 0) return undefined;
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as Results;
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status: outcome }) => outcome === 'failed');
  if (failed !== undefined) return { test: failed.fullName, message: failed.failureMessages[0] ?? '' };
  const broken = testResults.find(({ message }) => message !== '');
  throw new Error(`the tests did not run: ${broken?.message ?? 'no result'}`);
}

function runStages(folder: string, stages: readonly (readonly string[])[]): Noticed | undefined {
  for (const tests of stages) {
    const noticed = runTests(folder, tests);
    if (noticed !== undefined) return noticed;
  }
  return undefined;
}

/** The first complaint, without what is different in every run. */
function firstLine(message: string): string {
  const [complaint = ''] = message.replace(/^(Assertion)?Error: /, '').split('\n');
  return complaint.replaceAll(/(sha\d+:)([0-9a-f]{6})[0-9a-f]+/g, '$1$2…').slice(0, 140);
}

const wanted = process.argv[2] ?? '';
const folder = copyProgram();
console.log('| taken out | noticed by | what it says |\n|---|---|---|');
try {
  for (const mutation of [...COLLECTION_MUTATIONS, ...WAITING_MUTATIONS].filter(({ name }) =>
    name.includes(wanted),
  )) {
    const path = join(folder, 'src', mutation.file);
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, mutate(source, mutation));
    const { name, harmless, tests } = mutation;
    const noticed = runStages(folder, tests === undefined ? STAGES : [tests]);
    writeFileSync(path, source);
    if (noticed === undefined) {
      console.log(`| ${name} | nothing | ${harmless ?? 'IT SHOULD'} |`);
      if (harmless === undefined) process.exitCode = 1;
    } else
      console.log(`| ${name} | ${noticed.test} | ${firstLine(noticed.message).replaceAll('|', '\\|')} |`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
