import type { LinkedName } from '../../../domain/repository/linked-name.js';

/** Lets what manifests reference follow the tree. Nothing is noted in the journal: the tree says it already. */
export interface ReferenceTakeover {
  /**
   * The repository's manifests lack from now on what they reference under this name: they are served, and called
   * incomplete. Nothing holds the name any more.
   */
  release(name: Exclude<LinkedName, { kind: 'tag' }>): Promise<void>;
}
