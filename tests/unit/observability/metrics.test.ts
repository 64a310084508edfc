import { describe, expect, it } from 'vitest';
import { CollectionCounts } from '../../../src/infrastructure/observability/collection-counts.js';
import { HttpRequestMetrics } from '../../../src/infrastructure/observability/http-request-metrics.js';
import { MeteredStorageDriver } from '../../../src/infrastructure/observability/metered-storage-driver.js';
import { PrometheusMetrics } from '../../../src/infrastructure/observability/prometheus-metrics.js';
import { StorageMetrics } from '../../../src/infrastructure/observability/storage-metrics.js';
import { MemoryDriver } from '../../../src/infrastructure/storage/drivers/memory/memory-driver.js';
import { sizeOf, namesIn } from '../../contract/storage-content.js';
import { ManualClock } from '../../support/fakes.js';

/** The samples of a scrape by name and labels, these in order. */
async function scrape(metrics: PrometheusMetrics): Promise<Map<string, number>> {
  const samples = new Map<string, number>();
  for (const line of (await metrics.render()).split('\n')) {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined || line.startsWith('#')) continue;
    samples.set(`${name}{${labels.split(',').toSorted().join(',')}}`, Number(value));
  }
  return samples;
}

function scenario(): { http: HttpRequestMetrics; metrics: PrometheusMetrics; log: { dropped: number } } {
  const http = new HttpRequestMetrics();
  const log = { dropped: 0 };
  return { http, log, metrics: new PrometheusMetrics([http], log) };
}

/** Values of a histogram's buckets in order of their bounds. */
function buckets(samples: Map<string, number>, name: string): [string, number][] {
  return [...samples]
    .filter(([key]) => key.startsWith(`${name}_bucket{`))
    .map(([key, value]) => [/le="([^"]+)"/.exec(key)?.[1] ?? '', value]);
}

describe('metrics', () => {
  it('count requests by handler, code and method', async () => {
    const { http, metrics } = scenario();
    for (const status of [200, 200, 404]) {
      http.begin('manifest');
      http.end('manifest', 'GET', status, 0.01, 0, 100);
    }
    http.begin('blob_upload');
    http.end('blob_upload', 'POST', 202, 0.01, 0, 0);
    const samples = await scrape(metrics);
    const counts = [...samples].filter(([key]) => key.startsWith('registry_http_requests_total'));
    expect(counts).toEqual([
      ['registry_http_requests_total{code="200",handler="manifest",method="get"}', 2],
      ['registry_http_requests_total{code="404",handler="manifest",method="get"}', 1],
      ['registry_http_requests_total{code="202",handler="blob_upload",method="post"}', 1],
    ]);
  });

  it('count the same when they are scraped twice', async () => {
    const { http, metrics } = scenario();
    http.begin('base');
    http.end('base', 'GET', 200, 0.01, 0, 2);
    const first = await scrape(metrics);
    const second = await scrape(metrics);
    for (const name of ['registry_http_requests_total{code="200",handler="base",method="get"}']) {
      expect([first.get(name), second.get(name)]).toEqual([1, 1]);
    }
  });

  it('make no label of a method that a client invents', async () => {
    const { http, metrics } = scenario();
    for (const method of ['BREW', 'PROPFIND', '__proto__', 'other']) {
      http.begin('other');
      http.end('other', method, 405, 0.001, 0, 0);
    }
    const samples = await scrape(metrics);
    expect(samples.get('registry_http_requests_total{code="405",handler="other",method="other"}')).toBe(4);
  });

  it('know how many requests are being answered', async () => {
    const { http, metrics } = scenario();
    http.begin('blob');
    http.begin('blob');
    http.end('blob', 'GET', 200, 1, 0, 0);
    const samples = await scrape(metrics);
    expect(samples.get('registry_http_in_flight_requests{handler="blob"}')).toBe(1);
    expect(samples.get('registry_http_in_flight_requests{handler="tags"}')).toBe(0);
  });

  it('sort durations into the buckets of the reference registry, bounds included', async () => {
    const { http, metrics } = scenario();
    for (const seconds of [0.005, 0.0051, 60, 61]) {
      http.begin('blob');
      http.end('blob', 'HEAD', 200, seconds, 0, 0);
    }
    const samples = await scrape(metrics);
    const name = 'registry_http_request_duration_seconds';
    expect(buckets(samples, name)).toEqual([
      ['0.005', 1],
      ...['0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '25'].map((le) => [le, 2]),
      ['60', 3],
      ['+Inf', 4],
    ]);
    expect(samples.get(`${name}_count{handler="blob",method="head"}`)).toBe(4);
    expect(samples.get(`${name}_sum{handler="blob",method="head"}`)).toBeCloseTo(121.0101);
  });

  it('sort sizes into 22 buckets from 1 KiB to 2 GiB', async () => {
    const { http, metrics } = scenario();
    http.begin('blob_upload_chunk');
    http.end('blob_upload_chunk', 'PATCH', 202, 1, 1024, 3 * 1024 ** 3);
    const samples = await scrape(metrics);
    const received = buckets(samples, 'registry_http_request_size_bytes');
    expect(received).toHaveLength(23);
    expect([received[0], received[21], received[22]]).toEqual([
      ['1024', 1],
      [String(2 * 1024 ** 3), 1],
      ['+Inf', 1],
    ]);
    const sent = buckets(samples, 'registry_http_response_size_bytes');
    expect([sent[21]?.[1], sent[22]?.[1]]).toEqual([0, 1]);
    expect(samples.get('registry_http_response_size_bytes_sum{handler="blob_upload_chunk"}')).toBe(
      3 * 1024 ** 3,
    );
  });

  it('say their types as Prometheus reads them', async () => {
    const { http, metrics } = scenario();
    http.begin('base');
    http.end('base', 'GET', 200, 0.01, 0, 2);
    const text = await metrics.render();
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const [name, type] of [
      ['registry_http_in_flight_requests', 'gauge'],
      ['registry_http_requests_total', 'counter'],
      ['registry_http_request_duration_seconds', 'histogram'],
      ['registry_http_request_size_bytes', 'histogram'],
      ['registry_http_response_size_bytes', 'histogram'],
      ['stowage_log_lines_dropped_total', 'counter'],
      ['process_resident_memory_bytes', 'gauge'],
      ['nodejs_eventloop_lag_p99_seconds', 'gauge'],
    ]) {
      expect(text).toContain(`# TYPE ${name} ${type}\n`);
    }
  });

  it('count the log lines that were dropped', async () => {
    const { metrics, log } = scenario();
    expect((await scrape(metrics)).get('stowage_log_lines_dropped_total{}')).toBe(0);
    log.dropped = 7;
    expect((await scrape(metrics)).get('stowage_log_lines_dropped_total{}')).toBe(7);
  });
});

describe('the counts of collection', () => {
  it('tell what went, how runs ended, and when one last came to its end', async () => {
    const clock = new ManualClock(1_800_000_000_000);
    const counts = new CollectionCounts(clock);
    const metrics = new PrometheusMetrics([counts], { dropped: 0 });
    expect((await scrape(metrics)).get('stowage_collection_last_completed_timestamp_seconds{}')).toBe(0);
    counts.removed('manifest', 100);
    counts.removed('link', 0);
    counts.removed('blob', 5);
    counts.removed('blob', 7);
    counts.refused();
    counts.ended('completed');
    clock.advance(60_000);
    counts.ended('failed');
    counts.ended('stopped');
    const samples = await scrape(metrics);
    const ours = [...samples].filter(([name]) => name.startsWith('stowage_collection'));
    expect(Object.fromEntries(ours)).toEqual({
      'stowage_collection_removed_total{kind="manifest"}': 1,
      'stowage_collection_removed_total{kind="link"}': 1,
      'stowage_collection_removed_total{kind="blob"}': 2,
      'stowage_collection_removed_bytes_total{}': 12,
      'stowage_collection_refused_total{}': 1,
      'stowage_collection_runs_total{outcome="completed"}': 1,
      'stowage_collection_runs_total{outcome="failed"}': 1,
      'stowage_collection_runs_total{outcome="stopped"}': 1,
      'stowage_collection_last_completed_timestamp_seconds{}': 1_800_000_000,
    });
  });
});

describe('a metered storage driver', () => {
  async function counted(
    use: (driver: MeteredStorageDriver) => Promise<unknown>,
  ): Promise<Map<string, number>> {
    const storage = new StorageMetrics('inmemory');
    await use(new MeteredStorageDriver(new MemoryDriver(), storage));
    const samples = await scrape(new PrometheusMetrics([storage], { dropped: 0 }));
    const counts = new Map<string, number>();
    for (const [key, value] of samples) {
      const action = /^registry_storage_action_seconds_count\{action="(\w+)",driver="inmemory"\}$/.exec(
        key,
      )?.[1];
      if (action !== undefined) counts.set(action, value);
    }
    return counts;
  }

  it('does what the driver does, and times each action under its name', async () => {
    const counts = await counted(async (driver) => {
      await driver.putContent('a/b', Buffer.from('hello'));
      expect(await sizeOf(driver, 'a/b')).toBe(5);
      expect(await sizeOf(driver, 'a/none')).toBeUndefined();
      expect(await namesIn(driver, 'a')).toEqual(['b']);
      const reader = await driver.openReader('a/b');
      expect(reader?.size).toBe(5);
      await reader?.close();
      const writer = await driver.openWriter('a/c', 0);
      await writer?.write([Buffer.from('x')]);
      await writer?.close();
      expect(await driver.move('a/c', 'a/d')).toBe(true);
      await driver.makeDurable('a/d');
      const digest = await driver.hash('a/d', 'sha256', 1, new AbortController().signal);
      expect(String(digest)).toBe('sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881');
      await driver.remove('a/d');
      await driver.probe();
      await driver.close();
    });
    expect(Object.fromEntries(counts)).toEqual({
      PutContent: 1,
      Stat: 2,
      List: 1,
      Reader: 1,
      Writer: 1,
      Move: 1,
      MakeDurable: 1,
      Hash: 1,
      Delete: 1,
      Probe: 1,
    });
  });

  it('times failed actions and passes their errors on', async () => {
    const reason = new Error('client left');
    const counts = await counted(async (driver) => {
      await driver.putContent('a', Buffer.from('x'));
      await expect(driver.hash('a', 'sha256', 1, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
    expect(counts.get('Hash')).toBe(1);
  });
});
