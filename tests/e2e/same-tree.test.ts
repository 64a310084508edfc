import { join } from 'node:path';
import { expect, it } from 'vitest';
import { needsReference, REFERENCE_VERSIONS } from '../support/reference-registry.js';
import { differences } from '../support/registry-walk.js';
import { runProgram } from '../support/run-program.js';
import { PROGRAM } from '../support/start-registry.js';
import { describeWith } from '../support/tools.js';
import { treeFiles } from '../support/tree-files.js';
import { changeTree, pushMoving } from './round-trip/change-tree.js';
import { pushEdgeContent } from './round-trip/edge-content.js';
import { startProgram, type ProgramName } from './round-trip/tree-program.js';
import { useTree } from './round-trip/use-tree.js';

for (const version of REFERENCE_VERSIONS) {
  describeWith(needsReference(version), `after the same requests to Stowage and to ${version}`, () => {
    const tree = useTree('test');

    it('the files of their trees are the same, byte for byte, and index verify finds nothing amiss', async () => {
      const trees = new Map<ProgramName, ReadonlyMap<string, string>>();
      for (const name of [version, 'Stowage'] as const) {
        const program = tree.keep(await startProgram(name, { folder: join(tree.folder, name) }));
        // What both take, and what both can delete.
        await pushEdgeContent(program.client, version);
        const moving = await pushMoving(program.client);
        for (const round of [0, 1]) await changeTree(program.client, version, moving, round);
        await program.stop();
        trees.set(name, treeFiles(join(tree.folder, name, 'data')));
      }
      expect(trees.get('Stowage')?.size).toBeGreaterThan(100);
      const config = join(tree.folder, 'Stowage/config.yml');
      const verified = await runProgram(process.execPath, [PROGRAM, 'index', 'verify', config], {
        cwd: tree.folder,
      });
      expect(verified).toMatchObject({ exitCode: 0 });
      expect(differences(trees.get('Stowage') ?? new Map(), trees.get(version) ?? new Map())).toEqual([]);
    });
  });
}
