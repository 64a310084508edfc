import { ContainerModule } from 'inversify';
import { AdoptTree } from '../../application/use-cases/maintenance/adopt-tree.js';
import { TOKENS as T } from '../tokens.js';

/** Taking over what the reference registry has written. */
export const adoptionModule = new ContainerModule(({ bind }) => {
  bind(T.adoptTree).toResolvedValue(
    (tree, adoption, repositories, ownership, clock) =>
      new AdoptTree(tree, adoption, repositories, ownership, clock),
    [T.storedTree, T.treeAdoption, T.repositoryAdoption, T.treeOwnership, T.clock],
  );
});
