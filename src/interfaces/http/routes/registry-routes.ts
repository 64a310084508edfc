import type { RouteName } from '../../../application/ports/system/http-metrics.js';
import type { BaseController } from '../controllers/base-controller.js';
import type { BlobController } from '../controllers/blob-controller.js';
import type { ListController } from '../controllers/list-controller.js';
import type { ManifestController } from '../controllers/manifest-controller.js';
import type { UploadController } from '../controllers/upload-controller.js';
import type { Exchange } from '../exchange.js';
import type { Endpoint, Target } from './parse-target.js';

export type Handler = (exchange: Exchange, target: Target) => Promise<void>;

/** One endpoint of the protocol: its name in metrics and what answers each method. */
export interface Route {
  readonly metric: RouteName;
  readonly handlers: ReadonlyMap<string, Handler>;
  /** For the Allow header. */
  readonly methods: readonly string[];
}

export interface Controllers {
  readonly base: BaseController;
  readonly lists: ListController;
  readonly manifests: ManifestController;
  readonly blobs: BlobController;
  readonly uploads: UploadController;
}

/** Every endpoint and method of the registry, in one table. */
export function registryRoutes(controllers: Controllers): Readonly<Record<Endpoint, Route>> {
  const { base, lists, manifests, blobs, uploads } = controllers;
  const status: Handler = (exchange, target) => uploads.get(exchange, target);
  return {
    base: route(
      'base',
      reads((exchange) => base.get(exchange)),
    ),
    catalog: route(
      'catalog',
      reads((exchange) => lists.catalog(exchange)),
    ),
    tags: route(
      'tags',
      reads((exchange, target) => lists.tags(exchange, target)),
    ),
    referrers: route(
      'referrers',
      reads((exchange, target) => lists.referrers(exchange, target)),
    ),
    manifest: route('manifest', {
      GET: (exchange, target) => manifests.get(exchange, target),
      HEAD: (exchange, target) => manifests.head(exchange, target),
      PUT: (exchange, target) => manifests.put(exchange, target),
      DELETE: (exchange, target) => manifests.delete(exchange, target),
    }),
    blob: route('blob', {
      GET: (exchange, target) => blobs.get(exchange, target),
      HEAD: (exchange, target) => blobs.head(exchange, target),
      DELETE: (exchange, target) => blobs.delete(exchange, target),
    }),
    uploads: route('blob_upload', { POST: (exchange, target) => uploads.post(exchange, target) }),
    upload: route('blob_upload_chunk', {
      ...reads(status),
      PATCH: (exchange, target) => uploads.patch(exchange, target),
      PUT: (exchange, target) => uploads.put(exchange, target),
      DELETE: (exchange, target) => uploads.delete(exchange, target),
    }),
  };
}

function reads(handler: Handler): Record<string, Handler> {
  return { GET: handler, HEAD: handler };
}

function route(metric: RouteName, handlers: Readonly<Record<string, Handler>>): Route {
  return {
    metric,
    handlers: new Map(Object.entries(handlers)),
    methods: [...Object.keys(handlers), 'OPTIONS'].toSorted(),
  };
}
