import { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express } from 'express';

/** Message classes to create the server with: `createServer({ IncomingMessage, ServerResponse }, app)`. */
export interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * Makes an Express application whose requests and responses need no change of prototype.
 *
 * Express sets the prototype of every `req` and `res` to the application's own, which throws away what the engine has
 * learned of these objects and costs three times a bare request (170 µs). Here the server creates its messages from
 * classes that already have Express's members, and these classes' prototypes *are* the application's: the assignment
 * finds what it would set and changes nothing. Must run before the first request; sub-applications would swap again,
 * so use `express.Router()` instead.
 */
export function createExpressApp(): { readonly app: Express; readonly classes: MessageClasses } {
  class Request extends IncomingMessage {}
  class Response extends ServerResponse {}
  copyMembers(express.request, Request.prototype);
  copyMembers(express.response, Response.prototype);
  const app = express();
  Object.defineProperty(Request.prototype, 'app', { value: app, writable: true, configurable: true });
  Object.defineProperty(Response.prototype, 'app', { value: app, writable: true, configurable: true });
  Object.defineProperty(app, 'request', { value: Request.prototype });
  Object.defineProperty(app, 'response', { value: Response.prototype });
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  const classes = { IncomingMessage: Request, ServerResponse: Response as typeof ServerResponse };
  return { app, classes };
}

function copyMembers(from: object, to: object): void {
  const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(from) as Record<
    string,
    PropertyDescriptor
  >;
  Object.defineProperties(to, members);
}
