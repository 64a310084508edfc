import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { Logger } from '../../application/ports/system/logger.js';
import type { Dispatcher } from './dispatcher.js';
import { createExpressApp, type MessageClasses } from './express-prototypes.js';

/**
 * The Express application of the registry. The dispatcher stands in the place of its router, whose list would be walked by
 * every request to find one entry (4 % of a HEAD). No body parser and no compression stand before it: bodies are streams,
 * and digests are over the bytes as they are sent.
 */
export function createRegistryApp(
  dispatcher: Dispatcher,
  logger: Logger,
): {
  readonly app: Express;
  readonly classes: MessageClasses;
} {
  const { app, classes } = createExpressApp();
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    try {
      dispatcher.handle(req, res);
    } catch (error) {
      // The dispatcher lets nothing through. Express would answer with HTML and a stack trace.
      logger.error('request failed outside the dispatcher', { method: req.method, path: req.url, error });
      res.destroy();
    }
  };
  Object.defineProperty(app, 'router', { value: { handle } });
  return { app, classes };
}
