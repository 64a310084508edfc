import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { JoinedMetrics } from '../../../src/infrastructure/observability/joined-metrics.js';
import { registerScrapedNumber } from '../../../src/infrastructure/observability/scraped-number.js';
import type { WorkerReport } from '../../../src/infrastructure/workers/worker-messages.js';
import { parseExposition } from '../../support/parse-exposition.js';

/** Of a worker that has answered so many requests. */
async function reportOf(requests: number, open: number): Promise<WorkerReport> {
  const registry = new Registry();
  registerScrapedNumber(registry, {
    name: 'requests_total',
    help: 'Requests.',
    type: 'counter',
    read: () => [{ labels: { code: '200' }, value: requests }],
  });
  registerScrapedNumber(registry, {
    name: 'uploads_open',
    help: 'In the database that they share.',
    type: 'gauge',
    joined: 'max',
    read: () => open,
  });
  return { metrics: await registry.getMetricsAsJSON(), failing: {}, reasons: [] };
}

describe('the metrics of several workers', () => {
  it('are sums, and once what each tells of the whole', async () => {
    const reports = await Promise.all([reportOf(3, 7), reportOf(4, 7)]);
    const workers = { reports: async () => reports, serving: { length: 2 }, restarts: 1 };
    const text = await new JoinedMetrics(workers, { dropped: 5 }).render();
    const values = parseExposition(text).flatMap(({ samples }) =>
      samples.map(({ name, labels, value }) => [name, labels, value]),
    );
    expect(values).toEqual(
      expect.arrayContaining([
        ['requests_total', { code: '200' }, 7],
        ['uploads_open', {}, 7],
        ['stowage_workers', {}, 2],
        ['stowage_worker_restarts_total', {}, 1],
        ['stowage_log_lines_dropped_total', {}, 5],
      ]),
    );
    expect(values).toHaveLength(5);
  });
});
