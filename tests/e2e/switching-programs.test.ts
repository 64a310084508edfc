import fc from 'fast-check';
import { it } from 'vitest';
import { needsReference, REFERENCE_VERSIONS } from '../support/reference-registry.js';
import { makeTempDir } from '../support/temp-dir.js';
import { describeWith, findTool } from '../support/tools.js';
import { TreeModel } from './round-trip/tree-model.js';
import { applyOperation, treeOperation, type TreeOperation } from './round-trip/tree-operation.js';
import { startProgram, type ProgramName, type TreeProgram } from './round-trip/tree-program.js';

/** More of them: STOWAGE_SWITCH_RUNS=200. */
const RUNS = Number(process.env['STOWAGE_SWITCH_RUNS'] ?? 4);
const PATIENCE_MS = 240_000;

describeWith(needsReference('2.8.2'), 'a tree under programs that take turns', () => {
  const versions = REFERENCE_VERSIONS.filter(
    (version) => findTool(needsReference(version).tools?.[0] ?? '') !== undefined,
  );
  const names: readonly ProgramName[] = ['Stowage', ...versions];

  it(
    'serves what a model says, whatever was pushed, moved and deleted by whom',
    { timeout: 2 * PATIENCE_MS + RUNS * 60_000 },
    async () => {
      const sequence = fc.array(treeOperation, { minLength: 2, maxLength: 40, size: 'max' });
      const property = fc.asyncProperty(sequence, async (operations) => takeTurns(operations, names));
      await fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: PATIENCE_MS + RUNS * 30_000 });
    },
  );
});

async function takeTurns(operations: readonly TreeOperation[], names: readonly ProgramName[]): Promise<void> {
  const temp = await makeTempDir();
  const programs = new Map<ProgramName, TreeProgram>();
  const model = new TreeModel();
  let name: ProgramName = 'Stowage';
  const run = async (next: ProgramName): Promise<TreeProgram> => {
    const known = programs.get(next);
    await known?.start();
    const program = known ?? (await startProgram(next, { folder: temp.path }));
    programs.set(next, program);
    name = next;
    return program;
  };
  let program = await run(name);
  try {
    for (const operation of [...operations, ...names.map((_, to) => ({ kind: 'switch', to }) as const)]) {
      if (operation.kind !== 'switch') {
        await applyOperation(operation, { name, client: program.client }, model);
        continue;
      }
      const next = names[operation.to % names.length] ?? 'Stowage';
      const from = name;
      await program.stop();
      program = await run(next);
      const complaints = await model.complaints(program.client);
      if (complaints.length > 0) throw new Error(`${next} after ${from}:\n${complaints.join('\n')}`);
    }
  } finally {
    await program.stop();
    await temp.remove();
  }
}
