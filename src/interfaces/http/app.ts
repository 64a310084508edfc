import type { ErrorRequestHandler, Express } from 'express';
import type { Logger } from '../../application/ports/system/logger.js';
import type { Dispatcher } from './dispatcher.js';
import { createExpressApp, type MessageClasses } from './express-prototypes.js';

/**
 * The Express application of the registry: the dispatcher answers everything. No body parser and no compression stand
 * before it: bodies are streams, and digests are over the bytes as they are sent.
 */
export function createRegistryApp(
  dispatcher: Dispatcher,
  logger: Logger,
): {
  readonly app: Express;
  readonly classes: MessageClasses;
} {
  const { app, classes } = createExpressApp();
  app.use(dispatcher.handle);
  app.use(lastResort(logger));
  return { app, classes };
}

/** Express's own handler would answer with HTML and a stack trace; the dispatcher lets nothing through to it. */
function lastResort(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    logger.error('request failed outside the dispatcher', { method: req.method, path: req.path, error });
    res.destroy();
  };
}
