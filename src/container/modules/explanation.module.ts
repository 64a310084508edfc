import { ContainerModule } from 'inversify';
import { ExplainContent } from '../../application/use-cases/maintenance/explain-content.js';
import { SqliteContentHolders } from '../../infrastructure/metadata/sqlite/sqlite-content-holders.js';
import { TOKENS as T } from '../tokens.js';

/** What says why something is kept. */
export const explanationModule = new ContainerModule(({ bind }) => {
  bind(T.contentHolders).toResolvedValue(
    (database, contents) => new SqliteContentHolders(database, contents),
    [T.database, T.manifestContents],
  );
  bind(T.explainContent).toResolvedValue(
    (holders, manifests, adoption, clock, grace, { gc }) =>
      new ExplainContent(holders, manifests, adoption, clock, {
        collects: gc.enabled,
        removesUntagged: gc.untagged.enabled,
        grace,
      }),
    [T.contentHolders, T.manifestIndex, T.treeAdoption, T.clock, T.grace, T.config],
  );
});
