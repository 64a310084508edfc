/** Above so many manifests nobody looks further: what stands below is kept. */
const MOST_VISITED = 1_000;

/** The manifests of one repository, by whatever tells them apart. */
export interface ManifestGraph<Id> {
  isTagged(manifest: Id): boolean;
  /** When it is reviewed, ms of Unix time; undefined when nothing has to look at it. */
  reviewAfter(manifest: Id): number | undefined;
  /** Indexes of the repository that list it; no more than `limit` are needed. */
  parents(manifest: Id, limit: number): readonly Id[];
  /** What it refers to, where the repository has that. */
  subject(manifest: Id): Id | undefined;
}

/** A manifest of a chain, and how the one before holds it: as an index that lists it, or as its subject. */
export interface ChainLink<Id> {
  readonly manifest: Id;
  /** Undefined for the first, which is kept for its own sake. */
  readonly heldBy: 'index' | 'subject' | undefined;
}

/**
 * `kept`: from what keeps it down to the manifest itself, in as few steps as there can be. `too-many`: so much stands
 * above it that it is kept unseen. `unreached`: nothing keeps it, nor any of the `visited`, which stand above it (itself
 * the first).
 */
export type ManifestReach<Id> =
  | { readonly kind: 'kept'; readonly chain: readonly ChainLink<Id>[] }
  | { readonly kind: 'too-many' }
  | { readonly kind: 'unreached'; readonly visited: readonly Id[] };

/** On the way upwards: `heldBy` says how the manifest holds the one `below`. */
interface Visit<Id> extends ChainLink<Id> {
  readonly below: Visit<Id> | undefined;
}

/**
 * Whether a manifest is kept: it has a tag, or is reviewed only after `youngAfter` (ms; Infinity when only tags count),
 * or an index lists it that is kept, or its subject is kept. Having referrers keeps nothing. An index may list its own
 * subject, so each manifest is visited once.
 */
export function reachManifest<Id>(
  graph: ManifestGraph<Id>,
  manifest: Id,
  youngAfter: number,
): ManifestReach<Id> {
  const seen = new Set([manifest]);
  const visits: Visit<Id>[] = [{ manifest, heldBy: undefined, below: undefined }];
  for (const visit of visits) {
    if (isRoot(graph, visit.manifest, youngAfter)) return { kind: 'kept', chain: chainOf(visit) };
    for (const { manifest: above, heldBy } of holders(graph, visit.manifest)) {
      if (seen.has(above)) continue;
      if (seen.size === MOST_VISITED) return { kind: 'too-many' };
      seen.add(above);
      visits.push({ manifest: above, heldBy, below: visit });
    }
  }
  return { kind: 'unreached', visited: [...seen] };
}

function isRoot<Id>(graph: ManifestGraph<Id>, manifest: Id, youngAfter: number): boolean {
  return graph.isTagged(manifest) || (graph.reviewAfter(manifest) ?? 0) > youngAfter;
}

function holders<Id>(graph: ManifestGraph<Id>, manifest: Id): readonly ChainLink<Id>[] {
  const subject = graph.subject(manifest);
  const parents = graph.parents(manifest, MOST_VISITED + 1);
  return [
    ...parents.map((parent) => ({ manifest: parent, heldBy: 'index' as const })),
    ...(subject === undefined ? [] : [{ manifest: subject, heldBy: 'subject' as const }]),
  ];
}

function chainOf<Id>(root: Visit<Id>): readonly ChainLink<Id>[] {
  const chain: ChainLink<Id>[] = [{ manifest: root.manifest, heldBy: undefined }];
  for (let at = root; at.below !== undefined; at = at.below) {
    chain.push({ manifest: at.below.manifest, heldBy: at.heldBy });
  }
  return chain;
}
