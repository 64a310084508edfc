import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncedFolders } from '../../../src/infrastructure/storage/drivers/filesystem/synced-folders.js';

const folder = fc
  .array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 4 })
  .map((names) => `/${names.join('/')}`);
const step = fc.record({ kind: fc.constantFrom('add', 'forget', 'keepOnly'), folder });

/** What it has to agree with: the set, walked whole. */
class WalkedFolders {
  readonly all = new Set<string>();

  forget(folderToForget: string): readonly string[] {
    const within = (each: string): boolean =>
      each === folderToForget || (dirname(each) !== each && within(dirname(each)));
    const forgotten = [...this.all].filter(within);
    for (const each of forgotten) this.all.delete(each);
    return forgotten;
  }
}

describe('folders that were synced', () => {
  it('are forgotten with those in them, and no others', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [folders, walked] = [new SyncedFolders(), new WalkedFolders()];
        for (const { kind, folder: each } of steps) {
          if (kind === 'add') {
            folders.add(each);
            walked.all.add(each);
          } else if (kind === 'keepOnly') {
            const kept = [...walked.all].filter((known) => known.length <= each.length);
            folders.keepOnly([...kept, '/unknown']);
            walked.all.clear();
            for (const known of kept) walked.all.add(known);
          } else {
            expect(folders.forget(each).toSorted()).toEqual(walked.forget(each).toSorted());
          }
          for (const known of walked.all) expect(folders.has(known)).toBe(true);
          expect(folders.size).toBe(walked.all.size);
        }
        expect(folders.forget('/').toSorted()).toEqual([...walked.all].toSorted());
      }),
    );
  });
});
