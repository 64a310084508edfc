import type { ErrorRequestHandler, Express, Response } from 'express';
import type { HealthStatus } from '../../application/ports/system/health-status.js';
import type { Logger } from '../../application/ports/system/logger.js';
import type { MetricsExposition } from '../../application/ports/system/metrics-exposition.js';
import type { Readiness } from '../../application/services/readiness.js';
import type { ErrorCode } from '../../domain/errors.js';
import { createExpressApp, type MessageClasses } from './express-prototypes.js';
import { errorBody } from './presenters/oci-error.js';

export interface DebugAppParts {
  readonly health: { failing(): Soon<ReturnType<HealthStatus['failing']>> };
  readonly readiness: { reasons(): Soon<ReturnType<Readiness['reasons']>> };
  /** Undefined where metrics are not enabled. */
  readonly metrics: { readonly path: string; readonly exposition: MetricsExposition } | undefined;
  readonly logger: Logger;
}

/** Other processes may have to be asked. */
type Soon<T> = T | Promise<T>;

type Handler = (res: Response) => Promise<void>;

/**
 * The Express application of the debug server: health and metrics for whoever can reach its address. Its answers hold
 * no names of repositories and no configuration.
 */
export function createDebugApp({ health, readiness, metrics, logger }: DebugAppParts): {
  readonly app: Express;
  readonly classes: MessageClasses;
} {
  const { app, classes } = createExpressApp();
  // Not Express's routes: a path that is configured must not be read as a pattern.
  const handlers = new Map<string, Handler>([
    ['/debug/health', async (res) => answerHealth(res, await health.failing())],
    ['/livez', async (res) => answerJson(res, 200, { live: true })],
    ['/readyz', async (res) => answerReadiness(res, await readiness.reasons())],
  ]);
  if (metrics !== undefined) {
    handlers.set(metrics.path, async (res) => answerMetrics(res, metrics.exposition));
  }
  app.use(async (req, res) => {
    const handler = handlers.get(req.path);
    if (handler === undefined) refuse(res, 404, 'UNSUPPORTED', `there is ${[...handlers.keys()].join(', ')}`);
    else if (req.method === 'GET' || req.method === 'HEAD') await handler(res);
    else refuse(res, 405, 'UNSUPPORTED', 'only GET and HEAD are answered here', ['Allow', 'GET, HEAD']);
  });
  app.use(lastResort(logger));
  return { app, classes };
}

/** 200 `{}`, or 503 with what is wrong by the name of the check, as the reference registry answers. */
function answerHealth(res: Response, failing: ReturnType<HealthStatus['failing']>): void {
  answerJson(res, Object.keys(failing).length === 0 ? 200 : 503, failing);
}

function answerReadiness(res: Response, reasons: readonly string[]): void {
  if (reasons.length === 0) answerJson(res, 200, { ready: true });
  else answerJson(res, 503, { ready: false, reasons });
}

function answerJson(res: Response, status: number, content: object): void {
  answer(res, status, 'application/json', Buffer.from(JSON.stringify(content)));
}

async function answerMetrics(res: Response, exposition: MetricsExposition): Promise<void> {
  const text = await exposition.render();
  answer(res, 200, exposition.contentType, Buffer.from(text));
}

function lastResort(logger: Logger): ErrorRequestHandler {
  return (error, req, res, _next) => {
    logger.error('debug request failed', { method: req.method, path: req.path, error });
    if (res.headersSent) res.destroy();
    else refuse(res, 500, 'UNKNOWN', 'the registry failed; its log says why');
  };
}

function refuse(
  res: Response,
  status: number,
  code: ErrorCode,
  message: string,
  headers: readonly string[] = [],
): void {
  answer(res, status, 'application/json', errorBody([{ code, message }]), headers);
}

function answer(
  res: Response,
  status: number,
  type: string,
  body: Buffer,
  headers: readonly string[] = [],
): void {
  res.writeHead(status, [
    'Content-Type',
    type,
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'no-store',
    ...headers,
  ]);
  res.end(body);
}
