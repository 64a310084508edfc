import type { BlobIndex } from '../../../../src/application/ports/metadata/blob-index.js';
import type { ContentRemovals } from '../../../../src/application/ports/metadata/content-removals.js';
import type { ManifestIndex } from '../../../../src/application/ports/metadata/manifest-index.js';
import type { Reviews } from '../../../../src/application/ports/metadata/reviews.js';
import type { TagIndex } from '../../../../src/application/ports/metadata/tag-index.js';
import type { CollectionModel } from './collection-model.js';
import type { Observer } from './with-points.js';

interface NameObservers {
  readonly blobs: Observer<BlobIndex>;
  readonly manifests: Observer<ManifestIndex>;
  readonly tags: Observer<TagIndex>;
  readonly reviews: Observer<Reviews>;
  readonly contents: Observer<ContentRemovals>;
}

/** Tells the model what each transaction has done. */
export function observeNames(model: CollectionModel): NameObservers {
  return {
    blobs: {
      reserve: ({ kind }, { repository, blob, now }) => {
        if (kind === 'adopted') model.promise(repository.toString(), blob.digest.toString(), now);
      },
      commit: (changes, { repository, blob, now }) => {
        if (changes !== undefined) model.promise(repository.toString(), blob.digest.toString(), now);
      },
      store: ({ kind }, { repository, blob, now }) => {
        if (kind !== 'condemned') model.promise(repository.toString(), blob.digest.toString(), now);
      },
      mount: (changes, { target, digest, now }) => {
        if (changes !== undefined) model.promise(target.toString(), digest.toString(), now);
      },
      unlink: ({ kind }, repository, digest) => {
        if (kind === 'unlinked') model.unlinkedByClient(repository.toString(), digest.toString());
      },
    },
    manifests: {
      put: (outcome, { repository, manifest, tags, now }) => {
        if (outcome.kind === 'stored') model.put(repository.toString(), manifest, tags.map(String), now);
        if (outcome.kind === 'missing') model.missing(repository.toString(), outcome.digests);
      },
      delete: ({ kind }, repository, digest, now) => {
        if (kind === 'deleted') model.delete(repository.toString(), digest.toString(), now);
      },
    },
    tags: {
      delete: (changes, repository, tag, now) => {
        if (changes !== undefined) model.deleteTag(repository.toString(), tag.toString(), now);
      },
    },
    reviews: {
      reviewLinks: (reviews, links) => {
        for (const [at, { repository, digest }] of links.entries()) {
          if (reviews[at]?.kind === 'unlinked') model.collectLink(repository.toString(), digest.toString());
        }
      },
      reviewManifest: (review, { repository }, { now }) => {
        if (review.kind !== 'removed') return;
        const digests = review.manifests.map(({ digest }) => digest.toString());
        model.collectManifests(repository.toString(), digests, now);
      },
    },
    contents: {
      condemn: (condemnations, contents) => {
        for (const [at, { digest }] of contents.entries()) {
          if (condemnations[at] === 'condemned') model.condemn(digest.toString());
        }
      },
    },
  };
}
