// Runs the rules of .dependency-cruiser.cjs over src and says how much it read: a parser that reads nothing finds no
// violation either.
import { createRequire } from 'node:module';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

/** @returns {Promise<{ modules: number, dependencies: number, violations: string[] }>} */
export async function checkLayers() {
  const { output } = await cruise(
    ['src'],
    { ...rules.options, ruleSet: { forbidden: rules.forbidden }, validate: true },
    undefined,
    { tsConfig: extractTSConfig('tsconfig.json') },
  );
  const ours = output.modules.filter((module) => module.source.startsWith('src/'));
  return {
    modules: ours.length,
    dependencies: ours.reduce((sum, module) => sum + module.dependencies.length, 0),
    violations: output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
  };
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const { modules, dependencies, violations } = await checkLayers();
  for (const violation of violations) console.error(violation);
  console.log(`layers: ${modules} modules, ${dependencies} imports, ${violations.length} violations`);
  process.exitCode = violations.length > 0 || modules < 20 || dependencies < 20 ? 1 : 0;
}
