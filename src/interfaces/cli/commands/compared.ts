import type { ComparisonProgress } from '../../../application/services/index-comparison.js';

export function newProgress(): ComparisonProgress {
  return { repositories: 0, tags: 0, revisions: 0, layers: 0 };
}

/** `compared 2 repositories, 3 tags, 2 manifests, 5 blobs` */
export function compared({ repositories, tags, revisions, layers }: ComparisonProgress): string {
  return `compared ${repositories} repositories, ${tags} tags, ${revisions} manifests, ${layers} blobs`;
}
