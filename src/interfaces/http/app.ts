import type { ErrorRequestHandler, Express } from 'express';
import type { Dispatcher } from './dispatcher.js';
import { createExpressApp, type MessageClasses } from './express-prototypes.js';

/**
 * The Express application of the registry: the dispatcher answers everything. No body parser and no compression stand
 * before it: bodies are streams, and digests are over the bytes as they are sent.
 */
export function createRegistryApp(dispatcher: Dispatcher): {
  readonly app: Express;
  readonly classes: MessageClasses;
} {
  const { app, classes } = createExpressApp();
  app.use(dispatcher.handle);
  app.use(lastResort);
  return { app, classes };
}

/** Express's own handler would answer with HTML and a stack trace; the dispatcher lets nothing through to it. */
const lastResort: ErrorRequestHandler = (_error, _req, res, _next) => {
  res.destroy();
};
