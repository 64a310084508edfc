import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { damageTree, type DamagedTree } from '../support/damage-tree.js';
import { ReferenceTree } from '../support/reference-tree.js';
import { runProgram, type Ended } from '../support/run-program.js';
import { PROGRAM } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';
import { storedDigests } from './gc/folder-state.js';
import { readGc, type GcRun } from './gc/run-gc.js';

/** Root reads everything, unless it gives that up. */
const BOUNDED = ['--bounding-set=-dac_override,-dac_read_search', process.execPath];
/** What is wrong with them hides nothing: no name in them can need anything that is not known. */
const HARMLESS = ['damaged/incomplete', 'damaged/endless', 'damaged/rests'];

describeWith(
  { tools: ['mkfifo', 'setpriv'], root: true },
  'stowage gc on a tree with every kind of damage',
  () => {
    let temp: TempDir;
    let root: string;
    let tree: ReferenceTree;
    let damaged: DamagedTree;

    beforeEach(async () => {
      temp = await makeTempDir();
      root = join(temp.path, 'data');
      damaged = damageTree(root);
      tree = new ReferenceTree(root);
    });
    afterEach(async () => {
      await runProgram('chmod', ['-R', 'u+rwX', root]);
      await temp.remove();
    });

    const gc = (...words: readonly string[]): Promise<Ended> =>
      runProgram('setpriv', [...BOUNDED, PROGRAM, 'gc', '--root', root, ...words], { cwd: temp.path });
    const collect = async (...words: readonly string[]): Promise<GcRun> =>
      readGc(await gc('--json', ...words));

    /** A blob that nothing references and an image without a tag. @returns their digests */
    const leaveGarbage = (repository: string): readonly string[] => {
      const config = tree.config({ untagged: repository });
      const layer = tree.blob(`untagged layer of ${repository}`);
      const { digest } = tree.image(repository, { config, layers: [layer] });
      const loose = tree.blob(`loose of ${repository}`).digest;
      tree.layerLink(repository, loose);
      return [config.digest, layer.digest, digest, loose];
    };
    const stored = (digests: readonly string[]): readonly string[] => {
      const all = new Set(storedDigests(root));
      return digests.filter((digest) => all.has(digest));
    };
    /** By name: those with a damage inside that may hide what it needs, and those without. */
    const sorted = (): { readonly keeping: readonly string[]; readonly whole: readonly string[] } => {
      const names = [...new Set(damaged.served.map(({ repository }) => repository))].filter(
        // Another path to the same folder.
        (name) => name !== 'damaged/symbolic-too',
      );
      const isHurt = (name: string): boolean =>
        !HARMLESS.includes(name) &&
        damaged.reported.some(({ paths }) => paths.some((path) => path.includes(`/repositories/${name}/`)));
      return {
        keeping: names.filter((name) => isHurt(name)),
        whole: [
          ...names.filter((name) => !isHurt(name)),
          ...damaged.pulledOnly.map(({ repository }) => repository),
        ],
      };
    };
    const pulled = (): void => {
      for (const { repository, digest } of damaged.served)
        expect([repository, stored([digest])]).toEqual([repository, [digest]]);
    };

    it('removes nothing of a repository in which something can not be read, and says which they are', async () => {
      const { keeping, whole } = sorted();
      const kept = new Map(keeping.map((name) => [name, leaveGarbage(name)]));
      const going = new Map(whole.map((name) => [name, leaveGarbage(name)]));
      expect([keeping.length, whole.length]).toEqual([14, 6]);
      const run = await collect('--delete-untagged');
      expect(run.exitCode).toBe(0);
      for (const [name, digests] of kept) expect([name, stored(digests)]).toEqual([name, digests]);
      for (const [name, digests] of going) expect([name, stored(digests)]).toEqual([name, []]);
      pulled();
      const named = run.summary.keptUnreadable.repositories.map(({ repository }) => repository);
      expect(named.toSorted()).toEqual([...keeping, 'damaged/no-layers', 'damaged/symbolic-too'].toSorted());
      expect(run.summary.keptUnreadable.rows).toBeGreaterThan(2 * keeping.length);
      const text = await gc('--delete-untagged');
      expect(text.stdout).toMatch(
        /^Kept: everything in damaged\/cut-links, where 5 things can not be read .*--drop-unreadable damaged\/cut-links gives them up\.$/m,
      );
    });

    it('removes its garbage once it is told to give up what can not be read, and what is whole stays', async () => {
      const { keeping } = sorted();
      const kept = new Map(keeping.map((name) => [name, leaveGarbage(name)]));
      await collect('-m');
      for (const [name, digests] of kept) {
        // It is one folder under two names, and the other one still keeps what it can not read.
        if (name === 'damaged/symbolic') continue;
        const run = await collect('-m', '--drop-unreadable', name);
        expect([name, run.exitCode, run.stderr]).toEqual([
          name,
          0,
          expect.stringMatching(
            new RegExp(`^notice: \\d+ unreadable in ${name} hold nothing any more$`, 'm'),
          ),
        ]);
        expect([name, stored(digests)]).toEqual([name, []]);
        pulled();
      }
    });

    it('gives up nothing where all can be read', async () => {
      leaveGarbage('team/whole');
      const run = await collect('--drop-unreadable', 'team/whole');
      expect(run.stderr).toMatch(/^notice: there is nothing in team\/whole that can not be read$/m);
    });

    it('keeps what a link that can not be read is about, wherever else it is garbage', async () => {
      const link =
        damaged.reported.find(({ what }) => what === 'a truncated link of a layer')?.paths[0] ?? '';
      const hex = /[0-9a-f]{64}/.exec(link)?.[0] ?? '';
      tree.layerLink('team/clean', `sha256:${hex}`);
      const [, , , loose = ''] = leaveGarbage('team/clean');
      const run = await collect();
      expect(stored([`sha256:${hex}`, loose])).toEqual([`sha256:${hex}`]);
      expect(run.summary.keptUnreadable.rows).toBeGreaterThan(0);
    });
  },
);
