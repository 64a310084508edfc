import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { EventEndpoint, endpointSettings, notificationSettings } from '../support/event-endpoint.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { metricsTable } from '../support/metrics-table.js';
import { type ExposedMetric, parseExposition } from '../support/parse-exposition.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { digestOf } from '../support/http-client.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const ROOT = join(import.meta.dirname, '../..');
const TABLE = /(?<=<!-- begin of the table -->\n\n)[^]*(?=\n\n<!-- end of the table -->)/;
const REPOSITORIES = 200;
/** A gauge that is called a counter by the reference registry. */
const MISNAMED = 'registry_notifications_pending_total';
/** What a label may hold. */
const LABELS: Readonly<Record<string, RegExp>> = {
  handler: /^(base|manifest|catalog|tags|blob|blob_upload|blob_upload_chunk|referrers|other)$/,
  method: /^(get|head|post|put|patch|delete|options|other)$/,
  code: /^\d{3}( OK)?$/,
  endpoint: /^hook$/,
  type: /^(Events|Successes|Failures|Errors)$/,
  driver: /^inmemory$/,
  action: /^[A-Z][A-Za-z]+$/,
  outcome: /^[a-z_]+$/,
  kind: /^(manifest|link|blob)$/,
  le: /^(\+Inf|[\d.e-]+)$/,
};

/** Content in memory and a database on disk, so that there are syncs to be counted, and somebody to be told. */
class MeteredRegistry {
  readonly #temp: TempDir;
  readonly #endpoint: EventEndpoint;
  readonly registry: InProcessRegistry;

  private constructor(temp: TempDir, endpoint: EventEndpoint, registry: InProcessRegistry) {
    this.#temp = temp;
    this.#endpoint = endpoint;
    this.registry = registry;
  }

  static async start(): Promise<MeteredRegistry> {
    const temp = await makeTempDir();
    const metadata = { sqlite: { path: join(temp.path, 'metadata.db') } };
    const endpoint = await EventEndpoint.start();
    const registry = await InProcessRegistry.start({ metadata });
    const dispatch = await registry.container.getAsync(T.eventDispatch);
    await dispatch.replaceSettings(notificationSettings(endpointSettings('hook', endpoint.url)));
    return new MeteredRegistry(temp, endpoint, registry);
  }

  /** Pushes an image, and waits until the endpoint has been told. */
  async push(): Promise<void> {
    await pushImage(this.registry.client, 'app', 'v1', 'config');
    await (await this.registry.container.getAsync(T.eventDispatch)).tick();
    await this.#endpoint.until('the push was told', () =>
      this.#endpoint.events.some(({ target }) => target.tag === 'v1'),
    );
  }

  async scrape(): Promise<readonly ExposedMetric[]> {
    const exposition = await this.registry.container.getAsync(T.metricsExposition);
    return parseExposition(await exposition.render());
  }

  async stop(): Promise<void> {
    await (await this.registry.container.getAsync(T.eventDispatch)).stop(1_000);
    await this.#endpoint.stop();
    await (await this.registry.container.getAsync(T.durabilityBarrier)).close();
    await this.registry.stop();
    await this.#temp.remove();
  }
}

describe('the metrics of a registry', () => {
  let metered: MeteredRegistry;
  let registry: InProcessRegistry;
  let metrics: readonly ExposedMetric[];
  const ours = () => metrics.filter(({ name }) => /^(registry|stowage)_/.test(name));
  const values = (name: string) =>
    metrics.flatMap(({ samples }) => samples).filter((each) => each.name === name);
  const valueOf = (name: string) => values(name)[0]?.value;
  const scrape = async (): Promise<void> => {
    metrics = await metered.scrape();
  };

  beforeAll(async () => {
    metered = await MeteredRegistry.start();
    ({ registry } = metered);
    await metered.push();
    const blob = `/v2/app/blobs/${digestOf('config')}`;
    for (const path of ['/v2/app/manifests/v1', blob])
      for (let times = 0; times < 2; times += 1) await registry.client.send({ path });
    const { headers } = await registry.client.send({ method: 'POST', path: '/v2/app/blobs/uploads/' });
    await registry.client.send({ method: 'PATCH', path: String(headers['location']), body: 'begun' });
    await scrape();
  });
  afterAll(async () => metered.stop());

  it('all have a type and a sentence that says what they are', () => {
    expect(ours().length).toBeGreaterThan(30);
    for (const { name, help, type } of metrics) {
      expect([name, type]).toEqual([name, expect.stringMatching(/^(counter|gauge|histogram|summary)$/)]);
      expect(help.length).toBeGreaterThan(10);
    }
    for (const { name, help, type, samples } of ours()) {
      const isCounter = type === 'counter' || name === MISNAMED;
      expect([name, name.endsWith('_total')]).toEqual([name, isCounter]);
      expect([name, samples.length > 0]).toEqual([name, true]);
      expect(help).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('stand in docs/metrics.md as they are', async () => {
    // After a change: npx vitest run --project house tests/http/metrics.test.ts -u
    const path = join(ROOT, 'docs/metrics.md');
    const docs = await readFile(path, 'utf8');
    expect(docs).toMatch(TABLE);
    await expect(docs.replace(TABLE, () => metricsTable(ours()))).toMatchFileSnapshot(path);
  });

  it('count what was done', () => {
    expect(valueOf('stowage_database_transactions_total')).toBeGreaterThan(0);
    expect(valueOf('stowage_database_transaction_seconds_count')).toBeGreaterThan(0);
    expect(valueOf('stowage_database_transaction_seconds_count')).toBeLessThanOrEqual(
      values('stowage_database_transactions_total').reduce((sum, { value }) => sum + value, 0),
    );
    expect(valueOf('stowage_durability_waits_total')).toBeGreaterThan(0);
    expect(valueOf('stowage_durability_sync_seconds_count')).toBeGreaterThan(0);
    expect(valueOf('stowage_durability_waiters')).toBe(0);
    expect(valueOf('stowage_manifest_cache_requests_total')).toBe(2);
    expect(valueOf('stowage_manifest_cache_hits_total')).toBe(1);
    expect(valueOf('stowage_manifest_cache_bytes')).toBeGreaterThan(500);
    expect(valueOf('stowage_blob_cache_requests_total')).toBe(2);
    expect(valueOf('stowage_blob_cache_hits_total')).toBe(1);
    expect(valueOf('stowage_blob_cache_bytes')).toBeGreaterThan(500);
    expect(valueOf('stowage_uploads_open')).toBe(1);
    expect(valueOf('stowage_connections_open')).toBe(1);
    expect(valueOf('stowage_network_received_bytes_total')).toBeGreaterThan(1000);
    expect(valueOf('stowage_network_sent_bytes_total')).toBeGreaterThan(1000);
    expect(valueOf('stowage_health_checks_failing')).toBe(0);
    expect(valueOf('stowage_ready')).toBe(0);
    expect(values('stowage_build_info')[0]?.labels['node']).toBe(process.versions.node);
  });

  it('never have more labels, whatever clients ask for', async () => {
    const kinds = ['GET', 'HEAD', 'PUT', 'DELETE', 'BREW'];
    const ask = async (name: string): Promise<void> => {
      for (const method of kinds) {
        await registry.client.send({
          method,
          path: `/v2/${name}/manifests/${name.replace('/', '-')}`,
          body: '',
        });
        await registry.client.send({ method, path: `/v2/${name}/tags/list?n=${name}`, body: '' });
      }
      await pushBlob(registry.client, name, name);
    };
    await ask('first/app');
    await scrape();
    const before = ours().map(({ name, samples }) => [name, samples.length]);
    for (let index = 0; index < REPOSITORIES; index += 1) await ask(`team-${index}/app`);
    await scrape();
    const grown = ours().map(({ name, samples }) => [name, samples.length]);
    expect(grown).toEqual(before);
    const labels = ours().flatMap(({ name, samples }) =>
      name === 'stowage_build_info' ? [] : samples.flatMap((sample) => Object.entries(sample.labels)),
    );
    for (const [name, value] of labels)
      expect([name, value]).toEqual([name, expect.stringMatching(LABELS[name] ?? /^$/)]);
  });
});

describe('deploy/grafana/stowage.json', () => {
  const FUNCTIONS = /^(sum|rate|increase|max|histogram_quantile|clamp_min|by|time)$/;

  interface Panel {
    readonly title: string;
    readonly type: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
  }

  it('asks only for what is there', async () => {
    const metered = await MeteredRegistry.start();
    try {
      await metered.push();
      const metrics = await metered.scrape();
      const samples = metrics.flatMap((metric) => metric.samples);
      const names = new Set(samples.map(({ name }) => name));
      // Prometheus adds where a sample comes from.
      const own = samples.flatMap((sample) => Object.keys(sample.labels));
      const labels = new Set([...own, 'job', 'instance']);
      const dashboard = await readFile(join(ROOT, 'deploy/grafana/stowage.json'), 'utf8');
      const { panels } = JSON.parse(dashboard) as { panels: readonly Panel[] };
      const asked = panels.filter(({ type }) => type !== 'row');
      expect(asked.length).toBeGreaterThan(10);
      for (const { title, targets = [] } of asked) {
        expect([title, targets.length > 0]).toEqual([title, true]);
        for (const { expr, legendFormat = '' } of targets) {
          const words = expr.replaceAll(/"[^"]*"|\$\w+|\[[^\]]*\]/g, ' ').match(/[a-zA-Z_]\w*/g) ?? [];
          const metricsOf = words.filter((word) => names.has(word));
          expect([expr, metricsOf.length > 0]).toEqual([expr, true]);
          const unknown = words.filter(
            (word) => !names.has(word) && !labels.has(word) && !FUNCTIONS.test(word),
          );
          expect([expr, unknown]).toEqual([expr, []]);
          for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
            expect([expr, label, labels.has(label)]).toEqual([expr, label, true]);
        }
      }
    } finally {
      await metered.stop();
    }
  });
});
