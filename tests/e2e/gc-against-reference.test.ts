import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  needsReference,
  ReferenceRegistry,
  REFERENCE_VERSIONS,
  type ReferenceVersion,
} from '../support/reference-registry.js';
import { ReferenceTree } from '../support/reference-tree.js';
import { differences, walkRegistry, type Snapshot } from '../support/registry-walk.js';
import { runProgram } from '../support/run-program.js';
import { PROGRAM } from '../support/start-registry.js';
import { describeWith } from '../support/tools.js';
import { storedDigests } from './gc/folder-state.js';
import { leaveGarbage, pushSha512, type Named } from './gc/leave-garbage.js';
import { readGc, type GcRun } from './gc/run-gc.js';
import { startProgram, type ProgramName } from './round-trip/tree-program.js';
import { useTree } from './round-trip/use-tree.js';

type Untagged = readonly '--delete-untagged'[];

/**
 * No row was ever made of them: the reference registry deleted the revision link before Stowage saw the folder, or no
 * link was there ever. Only `--orphans` walks the folder for such files.
 */
const UNKNOWN = ['deleted', 'deleted list', 'orphan'];

/**
 * 2.8.2 takes every manifest without a tag, the children of tagged indexes too, so that those can not be pulled. The
 * bytes of direct children stay, since the index names them, but nothing in the repository links them.
 */
const CHILDREN = [
  'deep child',
  ...['deep child', 'child amd', 'child arm'].flatMap((each) => [`config of ${each}`, `layer of ${each}`]),
];
const UNLINKED = ['child amd', 'child arm', 'deep child', 'inner list'];

/** The reference registry knows no subjects: signatures of a tagged image have no tag, and go. */
const REFERRERS = ['signature', 'signature of the signature'].flatMap((each) => [each, `config of ${each}`]);

/** What Stowage keeps and the reference registry does not. The other way round there is nothing. */
const KEPT: Readonly<Record<ReferenceVersion, readonly string[]>> = {
  '2.8.2': [...CHILDREN, ...REFERRERS],
  '3.1.2': REFERRERS,
};

/** A repository that has nothing any more is not listed by Stowage, nor by 3.1.2; 2.8.2 lists its folder. */
const EMPTIED: Readonly<Record<ReferenceVersion, readonly string[]>> = {
  '2.8.2': ['catalog gc/loose', 'gc/loose tags'],
  '3.1.2': [],
};

for (const version of REFERENCE_VERSIONS) {
  describeWith(needsReference(version), `after garbage-collect of ${version} and stowage gc`, () => {
    const tree = useTree('test');
    const at = (copy: string): string => join(tree.folder, copy);
    const stored = (copy: string): ReadonlySet<string> => new Set(storedDigests(join(at(copy), 'data')));
    const gc = async (...options: readonly string[]): Promise<GcRun> => {
      const words = [PROGRAM, 'gc', '--json', '--root', join(at('ours'), 'data'), ...options];
      return readGc(await runProgram(process.execPath, words, { cwd: tree.folder }));
    };
    const collectTheirs = async (options: Untagged): Promise<void> => {
      const theirs = tree.keep(await ReferenceRegistry.start(version, at('theirs')));
      await theirs.stop();
      await theirs.collectGarbage(...options);
    };
    const seenBy = async (name: ProgramName, copy: string): Promise<Snapshot> => {
      const program = tree.keep(await startProgram(name, { folder: at(copy) }));
      const seen = await walkRegistry(program);
      await program.stop();
      return seen;
    };
    const changedKeys = (before: Snapshot, after: Snapshot): readonly string[] =>
      differences(before, after).map((line) => line.slice(0, line.indexOf(': ')));
    /** A folder that the reference has filled, twice. */
    const prepare = async (
      fill: (registry: ReferenceRegistry) => Promise<Named>,
    ): Promise<{ names: Named; before: Snapshot }> => {
      const reference = tree.keep(await ReferenceRegistry.start(version, at('original')));
      const names = new Map(await fill(reference));
      const before = await walkRegistry(reference);
      await reference.stop();
      names.set('orphan', new ReferenceTree(join(at('original'), 'data')).blob('orphan').digest);
      for (const copy of ['theirs', 'ours']) await cp(at('original'), at(copy), { recursive: true });
      return { names, before };
    };

    it.each<[string, Untagged, readonly string[]]>([
      ['without options', [], []],
      ['with --delete-untagged', ['--delete-untagged'], KEPT[version]],
    ])('%s the same blobs are left, but what may not go', async (_options, options, kept) => {
      const { names, before } = await prepare(async ({ client }) => leaveGarbage(client));
      await collectTheirs(options);
      expect((await gc(...options)).exitCode).toBe(0);
      const [ours, theirs] = [stored('ours'), stored('theirs')];
      const named = (digests: Iterable<string>): readonly string[] => {
        const all = new Set(digests);
        return [...names]
          .filter(([, digest]) => all.has(digest))
          .map(([name]) => name)
          .toSorted();
      };
      expect(named([...ours].filter((digest) => !theirs.has(digest)))).toEqual(
        [...UNKNOWN, ...kept].toSorted(),
      );
      expect([...theirs].filter((digest) => !ours.has(digest))).toEqual([]);
      const went = [...stored('original')].filter((digest) => !ours.has(digest));
      expect(named(went)).toEqual(expect.arrayContaining(['layer of deleted', 'loose', 'loose alone']));
      expect(went.length).toBe(options.length === 0 ? 4 : 29);
      // With this option both agree on these too.
      expect(named((await gc('--orphans', ...options)).went.map((each) => each.slice(5)))).toEqual(
        UNKNOWN.toSorted(),
      );

      expect(differences(before, await seenBy(version, 'ours'))).toEqual([]);
      expect(changedKeys(before, await seenBy('Stowage', 'ours'))).toEqual(EMPTIED[version]);
      const left = await seenBy(version, 'theirs');
      expect(changedKeys(left, await seenBy('Stowage', 'theirs'))).toEqual(EMPTIED[version]);
      const lost = changedKeys(before, left).filter((key) => key.includes('@'));
      expect(named(lost.map((key) => key.slice(key.indexOf('@') + 1)))).toEqual(
        kept.includes('deep child') ? UNLINKED : [],
      );
    });

    it('an image with a sha512 layer is there in ours, and lost in theirs', async () => {
      const { names, before } = await prepare(async ({ client }) => pushSha512(client, 'gc/sha512'));
      // It keeps the bytes under a sha256 digest, which no manifest names.
      const collected = collectTheirs([]);
      if (version === '2.8.2') await collected;
      else await expect(collected).rejects.toThrow(/failed to delete layer link .* Path not found/);
      expect(stored('theirs')).not.toContain(names.get('long layer'));
      const run = await gc('--delete-untagged', '--orphans');
      expect([run.exitCode, run.summary.keptUnreadable.repositories]).toEqual([
        0,
        [{ repository: 'gc/sha512', count: 1 }],
      ]);
      expect(stored('ours')).toContain(names.get('long layer'));
      expect(differences(before, await seenBy(version, 'ours'))).toEqual([]);
    });
  });
}
