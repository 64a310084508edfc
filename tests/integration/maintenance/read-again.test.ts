import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RepositoryAdoption } from '../../../src/application/services/repository-adoption.js';
import { ReadAgain } from '../../../src/application/use-cases/maintenance/read-again.js';
import { SqliteTreeAdoption } from '../../../src/infrastructure/metadata/sqlite/sqlite-tree-adoption.js';
import { LayoutStoredTree } from '../../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { GRACE, ManualClock } from '../../support/fakes.js';
import { layerAt } from '../../support/tree-in-driver.js';
import { AdoptionUnderTest } from '../adoption/adoption-under-test.js';

describe('what could not be read when a tree was taken over', () => {
  let under: AdoptionUnderTest;
  beforeEach(async () => {
    under = await AdoptionUnderTest.open();
  });
  afterEach(() => under.dispose());

  const unreadable = async (): Promise<readonly (readonly [string, number])[]> =>
    (await under.file.ports.reviews.unreadable(0, 10)).map(({ repository, count }) => [repository, count]);

  it('holds its repository until it is put right, and nothing else is forgotten', async () => {
    const adoption = new SqliteTreeAdoption(under.file.database, GRACE);
    const tree = new LayoutStoredTree(under.driver);
    const readAgain = new ReadAgain(
      under.file.ports.reviews,
      new RepositoryAdoption(tree, adoption, new ManualClock()),
    );
    const [one, two] = [await under.tree.blob('one'), await under.tree.blob('two')];
    await under.tree.file(layerAt('a', one), 'sha256:00');
    await under.tree.file(layerAt('b', two), 'sha256:00');
    await under.adopt();
    expect(await unreadable()).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    await under.tree.file(layerAt('a', one), one.toString());
    await readAgain.execute();
    expect(await unreadable()).toEqual([['b', 1]]);
  });
});
