import { ContainerModule } from 'inversify';
import { createRegistryApp } from '../../interfaces/http/app.js';
import { BaseController } from '../../interfaces/http/controllers/base-controller.js';
import { BlobController } from '../../interfaces/http/controllers/blob-controller.js';
import { ListController } from '../../interfaces/http/controllers/list-controller.js';
import { ManifestController } from '../../interfaces/http/controllers/manifest-controller.js';
import { UploadController } from '../../interfaces/http/controllers/upload-controller.js';
import { Dispatcher } from '../../interfaces/http/dispatcher.js';
import { createDebugApp } from '../../interfaces/http/debug-app.js';
import { BodySender } from '../../interfaces/http/presenters/body-sender.js';
import { BufferBudget } from '../../interfaces/http/presenters/buffer-budget.js';
import { Redirects } from '../../interfaces/http/presenters/redirects.js';
import { RequestIds } from '../../interfaces/http/request-ids.js';
import { RequestRecorder } from '../../interfaces/http/request-recorder.js';
import { registryRoutes } from '../../interfaces/http/routes/registry-routes.js';
import { HttpServer } from '../../interfaces/http/server.js';
import { httpTerms } from '../reload/request-terms.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

export const httpModule = new ContainerModule(({ bind }) => {
  bindControllers(bind);
  bindDispatcher(bind);
  bindDebugServer(bind);
  bind(T.httpServer).toResolvedValue(
    (dispatcher, logger, files, connections, { http: { tls } }) => {
      const { app, classes } = createRegistryApp(dispatcher, logger);
      const clientAuth = tls?.clientcas.length ? tls.clientauth : undefined;
      const encryption = files && { context: files.inForce.context, clientAuth, logger };
      const server = new HttpServer(app, classes, encryption);
      server.onConnection(connections.add);
      return server;
    },
    [T.dispatcher, T.logger, T.tlsFiles, T.connectionCounts, T.config],
  );
});

function bindDebugServer(bind: Bind): void {
  bind(T.debugServer).toResolvedValue(
    (health, readiness, exposition, logger, config) => {
      const { enabled, path } = config.http.debug?.prometheus ?? { enabled: false, path: '' };
      const metrics = enabled ? { path, exposition } : undefined;
      const { app, classes } = createDebugApp({ health, readiness, metrics, logger });
      return new HttpServer(app, classes);
    },
    [T.healthStatus, T.readiness, T.metricsExposition, T.logger, T.config],
  );
}

function bindControllers(bind: Bind): void {
  bind(T.bodySender).toResolvedValue(() => new BodySender(new BufferBudget()), []);
  bind(T.baseController).toResolvedValue(() => new BaseController(), []);
  bind(T.redirects).toResolvedValue(({ storage }) => new Redirects(storage.redirect), [T.config]);
  bind(T.blobController).toResolvedValue(
    (pull, stat, remove, sender, redirects, pulls) =>
      new BlobController(pull, stat, remove, sender, redirects, pulls),
    [T.pullBlob, T.statBlob, T.deleteBlob, T.bodySender, T.redirects, T.pullEvents],
  );
  bind(T.uploadController).toResolvedValue(
    (start, append, complete, status, cancel, push, mount) =>
      new UploadController({ start, append, complete, status, cancel, push, mount }),
    [
      T.startUpload,
      T.appendChunk,
      T.completeUpload,
      T.getUploadStatus,
      T.cancelUpload,
      T.pushBlob,
      T.mountBlob,
    ],
  );
  bind(T.manifestController).toResolvedValue(
    (pull, stat, push, remove, removeTag, pulls) =>
      new ManifestController(pull, stat, push, remove, removeTag, pulls),
    [T.pullManifest, T.statManifest, T.pushManifest, T.deleteManifest, T.deleteTag, T.pullEvents],
  );
  bind(T.listController).toResolvedValue(
    (tags, repositories, referrers, comparison, inForce) =>
      new ListController(tags, repositories, referrers, comparison, {
        get maxCatalogEntries() {
          return inForce.current.catalog.maxentries;
        },
        get maxTags() {
          return inForce.current.tags.maxtags;
        },
      }),
    [T.listTags, T.listRepositories, T.listReferrers, T.treeComparison, T.configInForce],
  );
}

function bindDispatcher(bind: Bind): void {
  bind(T.routes).toResolvedValue(
    (base, lists, manifests, blobs, uploads) => registryRoutes({ base, lists, manifests, blobs, uploads }),
    [T.baseController, T.listController, T.manifestController, T.blobController, T.uploadController],
  );
  bind(T.requestRecorder).toResolvedValue(
    (metrics, log) => new RequestRecorder(metrics, log),
    [T.httpMetrics, T.accessLog],
  );
  bind(T.dispatcher).toResolvedValue(
    (routes, recorder, health, readOnly, comparison, authenticator, logger, random, config) =>
      new Dispatcher({
        routes,
        recorder,
        health,
        readOnly,
        comparison,
        authenticator,
        logger,
        ids: new RequestIds(random.token().toString('hex').slice(0, 12)),
        ...httpTerms(config),
      }),
    [
      T.routes,
      T.requestRecorder,
      T.healthStatus,
      T.readOnlyMode,
      T.treeComparison,
      T.authenticator,
      T.logger,
      T.random,
      T.config,
    ],
  );
}
