import { hash as hashPassword } from '@node-rs/bcrypt';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requestHead, type Headers } from '../load/connection.js';
import { pushFreshImage } from '../load/fresh-image.js';
import { hammer } from '../load/hammer.js';
import { IMAGE_MANIFEST, pushSampleImage } from '../load/sample-image.js';
import { cpuSeconds } from '../registries/process-figures.js';
import type { RunningRegistry } from '../registries/running-registry.js';
import type { Bench, Column, Measure } from './bench.js';
import type { Row } from './row.js';
import { pushRate } from './small-pushes.js';

const CONNECTIONS = 32;
const REPOSITORY = 'bench/features';
const NAMES = { without: 'Stowage, without', with: 'Stowage, with it' } as const;

/** What is switched on in one of two registries that are otherwise alike. */
interface Feature {
  /** Lines of config.yml; the first may go on below `http`. */
  readonly settings: readonly string[];
  /** What clients have to send. */
  readonly headers?: Headers;
}

/** Two of Stowage's own in turn, with the feature and without. */
async function compareFeature<Prepared>(
  bench: Bench,
  columns: readonly Column[],
  { settings }: Feature,
  prepare: (port: number) => Promise<Prepared>,
  sample: (registry: RunningRegistry, prepared: Prepared, isWith: boolean) => Promise<readonly number[]>,
): Promise<Row[]> {
  const sides: { measure: () => Promise<readonly number[]>; rounds: (readonly number[])[] }[] = [];
  for (const isWith of [false, true]) {
    const folder = bench.freshFolder();
    const plain = await bench.start(bench.candidate, folder);
    const prepared = await prepare(plain.port);
    await bench.stop(plain);
    const registry = await bench.start(bench.candidate, folder, true, isWith ? { settings } : {});
    const measure = () => sample(registry, prepared, isWith);
    await measure();
    sides.push({ measure, rounds: [] });
  }
  for (let round = 0; round < bench.options.rounds; round++) {
    for (const side of sides) side.rounds.push(await side.measure());
  }
  await bench.stopAll();
  const series = (name: string, side: number, at: number) => ({
    name,
    samples: sides[side]?.rounds.map((values) => values[at] ?? Number.NaN) ?? [],
  });
  return columns.map((column, at) => ({
    ...column,
    baseline: series(NAMES.without, 0, at),
    subject: series(NAMES.with, 1, at),
  }));
}

/** @param least the share of the rate without it that has to be left */
async function compareReads(bench: Bench, name: string, least: number, feature: Feature): Promise<Row[]> {
  const title = `manifest GET by tag, 32 connections: ${name}`;
  return compareFeature(
    bench,
    [
      { title, unit: 'requests/s', goal: { kind: 'ratio at least', value: least } },
      { title: `${title}: CPU of the registry`, unit: 'µs/request' },
    ],
    feature,
    (port) => pushSampleImage(port, REPOSITORY),
    async ({ port, pid }, { tag }, isWith) => {
      const headers = { Accept: IMAGE_MANIFEST, ...(isWith ? feature.headers : {}) };
      const request = requestHead('GET', `/v2/${REPOSITORY}/manifests/${tag}`, headers);
      const before = cpuSeconds(pid);
      const rate = await hammer(port, {
        connections: CONNECTIONS,
        seconds: bench.options.seconds,
        next: () => request,
      });
      return [rate, ((cpuSeconds(pid) - before) * 1e6) / (rate * bench.options.seconds)];
    },
  );
}

async function tokens(folder: string): Promise<Feature> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = join(folder, 'jwks.json');
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench' }] }));
  const access = [{ type: 'repository', name: REPOSITORY, actions: ['pull'] }];
  const token = await new SignJWT({ access })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'bench' })
    .setIssuer('bench')
    .setAudience('bench')
    .setSubject('alice')
    .setExpirationTime('12h')
    .sign(privateKey);
  const settings = ['auth:', '  token:', '    realm: http://127.0.0.1/token', '    service: bench'];
  return {
    settings: [...settings, '    issuer: bench', `    jwks: ${jwks}`],
    headers: { Authorization: `Bearer ${token}` },
  };
}

async function passwords(folder: string): Promise<Feature> {
  const path = join(folder, 'htpasswd');
  writeFileSync(path, `alice:${await hashPassword('a password', { cost: 10 })}\n`);
  return {
    settings: ['auth:', '  htpasswd:', '    realm: bench', `    path: ${path}`],
    headers: { Authorization: `Basic ${Buffer.from('alice:a password').toString('base64')}` },
  };
}

const metrics = (bench: Bench): Feature => ({
  settings: ['  debug:', `    addr: 127.0.0.1:${bench.takePort()}`, '    prometheus:', '      enabled: true'],
});

/** Of pushes: each image is seven events. */
async function compareNotifications(bench: Bench): Promise<Row[]> {
  const port = bench.takePort();
  const webhook = fork(fileURLToPath(new URL('../load/webhook.js', import.meta.url)), [String(port)]);
  const settings = [
    'notifications:',
    '  endpoints:',
    '    - name: bench',
    `      url: http://127.0.0.1:${port}/`,
  ];
  try {
    await once(webhook, 'message');
    return await compareFeature(
      bench,
      [
        {
          title:
            'push of images (5 layers of 16 KiB, config, manifest), 8 clients: notifications to one endpoint',
          unit: 'images/s',
          goal: { kind: 'ratio at least', value: 0.9 },
        },
      ],
      { settings },
      async () => undefined,
      async (registry) => [await pushRate(registry.port, bench.options.seconds, pushFreshImage)],
    );
  } finally {
    webhook.kill();
  }
}

/** What the features of an installation cost that are off without a configuration. */
export const FEATURES: Measure = {
  name: 'features',
  run: async (bench) => [
    ...(await compareReads(bench, 'a token', 0.85, await tokens(bench.freshFolder()))),
    ...(await compareReads(bench, 'htpasswd, remembered', 0.75, await passwords(bench.freshFolder()))),
    ...(await compareReads(bench, 'metrics', 0.97, metrics(bench))),
    ...(await compareNotifications(bench)),
  ],
};
