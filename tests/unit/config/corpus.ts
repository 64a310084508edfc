import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfiguredValue } from '../../../src/application/ports/system/configuration-reader.js';

/**
 * Configurations in the shapes in which operators have them: `<name>.yml`, `<name>.env` with variables of the environment,
 * or both, and beside them `<name>.expected`: the exit code, every sentence, and the values that do not come by default.
 */
const CORPUS = join(import.meta.dirname, 'corpus');

export interface CorpusEntry {
  /** Folder and name, without an ending. */
  readonly name: string;
  /** The file's path; undefined for an environment alone. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly expected: string;
}

export function readCorpus(): CorpusEntry[] {
  const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' });
  const inputs = files.filter((file) => /\.(yml|env)$/.test(file)).map((file) => file.replace(/\.\w+$/, ''));
  return [...new Set(inputs)].toSorted().map((name) => {
    const [file, env] = [join(CORPUS, `${name}.yml`), join(CORPUS, `${name}.env`)];
    return {
      name,
      file: existsSync(file) ? file : undefined,
      env: existsSync(env) ? readEnvironment(readFileSync(env, 'utf8')) : {},
      expected: join(CORPUS, `${name}.expected`),
    };
  });
}

/** What is expected of something that is not there. */
export function strayExpectations(): string[] {
  const files = new Set(readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }));
  const expectations = [...files].filter((file) => file.endsWith('.expected'));
  return expectations.filter(
    (file) => !['.yml', '.env'].some((end) => files.has(file.replace(/\.\w+$/, end))),
  );
}

/** One variable a line; as `docker run --env-file` takes it, quotes belong to the value. */
function readEnvironment(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

export interface Outcome {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly notices: readonly string[];
  readonly values: readonly ConfiguredValue[];
}

/** The outcome as it stands in an expectation. */
export function showOutcome({ problems, warnings, notices, values }: Outcome): string {
  const set = values.filter(({ origin }) => origin.kind !== 'default');
  return [
    `exit code ${problems.length === 0 ? 0 : 2}`,
    ...problems.map((problem) => `problem: ${problem}`),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...notices.map((notice) => `notice: ${notice}`),
    ...set.map(({ key, value }) => `value: ${key} = ${JSON.stringify(value)}`),
    '',
  ].join('\n');
}
