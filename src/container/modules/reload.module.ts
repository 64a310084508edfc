import { ContainerModule } from 'inversify';
import type { Reloadable } from '../../application/ports/system/reloadable.js';
import type { Config } from '../../infrastructure/config/config.js';
import { ConfigInForce } from '../config-in-force.js';
import { readOnlyReason } from '../read-only-reason.js';
import { RequestTerms } from '../reload/request-terms.js';
import { TOKENS as T } from '../tokens.js';
import type { Bind } from './bind.js';

/** Nothing of it can fail: values, and objects made from them. */
const whollyTaken = (take: (config: Config) => void): Reloadable<Config> => ({
  prepare: async (config) => () => take(config),
});

/**
 * What takes another configuration while it runs. A part that is added here takes the keys that
 * infrastructure/config/reload-of-keys.ts says to be taken at once.
 */
export const reloadModule = new ContainerModule(({ bind }) => {
  bindConfiguration(bind);
  bindServing(bind);
  bindNotifications(bind);
  bindReloadables(bind);
});

function bindConfiguration(bind: Bind): void {
  bind(T.configInForce).toResolvedValue((config) => new ConfigInForce(config), [T.config]);
  bind(T.logTerms).toResolvedValue(
    (logger, accessLog) =>
      whollyTaken(({ log: { level, fields, accesslog } }) => {
        logger.use({ level, fields });
        accessLog.use(!accesslog.disabled, fields);
      }),
    [T.winstonLogger, T.accessLogWriter],
  );
  bind(T.jobTerms).toResolvedValue(
    (jobs, list) => whollyTaken(() => jobs.renew(list())),
    [T.jobs, T.listJobs],
  );
}

function bindServing(bind: Bind): void {
  bind(T.requestTerms).toResolvedValue(
    (dispatcher, authenticators, authenticator) =>
      new RequestTerms(dispatcher, authenticators, authenticator),
    [T.dispatcher, T.authenticators, T.authenticator],
  );
  bind(T.storageTerms).toResolvedValue(
    (redirects, readOnly) =>
      whollyTaken((config) => {
        redirects.use(config.storage.redirect);
        readOnly.configure(readOnlyReason(config));
      }),
    [T.redirects, T.readOnlyMode],
  );
}

function bindNotifications(bind: Bind): void {
  bind(T.notificationTerms).toResolvedValue(
    (dispatch, { readOnly }, logger) =>
      whollyTaken(({ notifications }) => {
        // Who may not write tells nobody anything (start-notifications.ts).
        if (readOnly !== undefined) return;
        dispatch.replaceSettings(notifications).catch((error: unknown) => {
          logger.error('notifications could not be changed: reload again', { error });
        });
      }),
    [T.eventDispatch, T.treeAccess, T.logger],
  );
}

function bindReloadables(bind: Bind): void {
  bind(T.reloadables).toResolvedValue(
    (
      inForce,
      log,
      storage,
      requests,
      certificates,
      health,
      notifications,
      jobs,
    ): readonly Reloadable<Config>[] => [
      inForce,
      log,
      storage,
      requests,
      ...(certificates === undefined ? [] : [certificates]),
      health,
      notifications,
      // Their times follow from what stands before them.
      jobs,
    ],
    [
      T.configInForce,
      T.logTerms,
      T.storageTerms,
      T.requestTerms,
      T.certificates,
      T.healthWatch,
      T.notificationTerms,
      T.jobTerms,
    ],
  );
}
