import { afterEach, describe, expect, it } from 'vitest';
import type { HealthStatus } from '../../../src/application/ports/system/health-status.js';
import type { MetricsExposition } from '../../../src/application/ports/system/metrics-exposition.js';
import { createDebugApp } from '../../../src/interfaces/http/debug-app.js';
import { HttpServer } from '../../../src/interfaces/http/server.js';
import { errorCodes, HttpClient } from '../../support/http-client.js';
import { RecordingLogger } from './recording-logger.js';

const HEALTHY: HealthStatus = { healthy: true, failing: () => ({}) };
const ILL: HealthStatus = { healthy: false, failing: () => ({ storagedriver_filesystem: 'disk on fire' }) };
const EXPOSITION: MetricsExposition = {
  contentType: 'text/plain; version=0.0.4',
  render: async () => 'up 1\n',
};

describe('the debug server', () => {
  let stop: () => Promise<unknown> = () => Promise.resolve();
  const logger = new RecordingLogger();

  async function serve(
    health: HealthStatus,
    metrics?: { path: string; exposition: MetricsExposition },
    reasons: readonly string[] = [],
  ): Promise<HttpClient> {
    const readiness = { reasons: () => reasons };
    const { app, classes } = createDebugApp({ health, readiness, metrics, logger });
    const server = new HttpServer(app, classes);
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const client = new HttpClient(port);
    stop = async () => {
      client.close();
      await server.close(1000);
    };
    return client;
  }
  afterEach(async () => stop());

  it('answers 200 and an empty object while the registry is healthy', async () => {
    const answer = await (await serve(HEALTHY)).send({ path: '/debug/health' });
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}']);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('answers 503 and what is wrong while it is not', async () => {
    const answer = await (await serve(ILL)).send({ path: '/debug/health' });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body.toString())).toEqual({ storagedriver_filesystem: 'disk on fire' });
  });

  it('says that it lives, whatever else is wrong', async () => {
    const answer = await (await serve(ILL, undefined, ['the registry stops'])).send({ path: '/livez' });
    expect([answer.status, answer.body.toString()]).toEqual([200, '{"live":true}']);
  });

  it.each([
    [[], 200, { ready: true }],
    [['the registry starts'], 503, { ready: false, reasons: ['the registry starts'] }],
  ])('says whether requests should come, and why not: %j', async (reasons, status, body) => {
    const answer = await (await serve(HEALTHY, undefined, reasons)).send({ path: '/readyz' });
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([status, body]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('answers HEAD as GET, without the body', async () => {
    const answer = await (await serve(ILL)).send({ method: 'HEAD', path: '/debug/health' });
    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([503, '43', 0]);
  });

  it.each(['/metrics', '/a(b)*:c'])('serves the metrics at the configured path %s', async (path) => {
    const client = await serve(HEALTHY, { path, exposition: EXPOSITION });
    const answer = await client.send({ path: `${path}?x=1` });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'up 1\n']);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4');
  });

  it.each(['/metrics', '/', '/v2/', '/debug/health/', '/debug/vars', '/debug/pprof/'])(
    'answers %s with 404 and an OCI error where it is not served',
    async (path) => {
      const answer = await (await serve(HEALTHY)).send({ path });
      expect([answer.status, errorCodes(answer)]).toEqual([404, ['UNSUPPORTED']]);
    },
  );

  it('answers other methods with 405 and what is allowed', async () => {
    const answer = await (await serve(HEALTHY)).send({ method: 'POST', path: '/debug/health', body: 'x' });
    expect([answer.status, answer.headers.allow, errorCodes(answer)]).toEqual([
      405,
      'GET, HEAD',
      ['UNSUPPORTED'],
    ]);
  });

  it('answers 500 without the reason, which it logs, when the metrics fail', async () => {
    const error = new Error('secret reason');
    const exposition = { ...EXPOSITION, render: () => Promise.reject(error) };
    const client = await serve(HEALTHY, { path: '/metrics', exposition });
    const answer = await client.send({ path: '/metrics' });
    expect([answer.status, errorCodes(answer)]).toEqual([500, ['UNKNOWN']]);
    expect(answer.body.toString()).not.toContain('secret reason');
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { error } });
  });
});
