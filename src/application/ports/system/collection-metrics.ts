/** Manifests, blobs that a repository has no more, files that are gone. */
export type CollectedKind = 'manifest' | 'link' | 'blob';

/** How a collection ended: nothing was due any more, it was told to stop, it failed. */
export type CollectionOutcome = 'completed' | 'stopped' | 'failed';

/** Counts of what the collection of this process does. */
export interface CollectionMetrics {
  /** @param bytes that went with it; 0 for a link */
  removed(kind: CollectedKind, bytes: number): void;
  /** The storage refused to remove a content, which is tried again. */
  refused(): void;
  ended(outcome: CollectionOutcome): void;
}
