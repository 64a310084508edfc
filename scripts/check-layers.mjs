// Runs the rules of .dependency-cruiser.cjs over the src folder of a project (this one, or the one named) and says how
// much it read: a parser that reads nothing finds no violation either.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const baseDir = resolve(process.argv[2] ?? '.');
const LEAST = process.argv[2] === undefined ? 100 : 1;

const { output } = await cruise(
  ['src'],
  { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true, baseDir },
  undefined,
  { tsConfig: extractTSConfig(resolve(import.meta.dirname, '../tsconfig.json')) },
);
const ours = output.modules.filter((module) => module.source.startsWith('src/'));
const imports = ours.reduce((sum, module) => sum + module.dependencies.length, 0);
const { violations } = output.summary;
for (const { rule, from, to } of violations) console.error(`${rule.name}: ${from} -> ${to}`);
console.log(`layers: ${ours.length} modules, ${imports} imports, ${violations.length} violations`);
process.exitCode = violations.length > 0 || ours.length < LEAST || imports < LEAST ? 1 : 0;
