import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HttpClient } from '../support/http-client.js';
import { ensureImages, IMAGE_TOOLS } from '../support/images.js';
import { parseExposition } from '../support/parse-exposition.js';
import { needsReference, REFERENCE_VERSIONS } from '../support/reference-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';
import { Installation } from './migration/installation.js';
import { Webhook } from './migration/webhook.js';
import { dockerClients } from './signing-in/docker-clients.js';
import { WRITER } from './signing-in/guarded-registry.js';
import { helmClient } from './signing-in/helm-client.js';
import { layoutClients } from './signing-in/layout-clients.js';
import { TAG, type SigningClient } from './signing-in/signing-client.js';
import { storageClients } from './signing-in/storage-clients.js';

const PATIENCE = { timeout: 20_000, interval: 50 };
const CLIENTS = [...dockerClients, ...storageClients, ...layoutClients, helmClient].filter(({ name }) =>
  ['docker 20.10', 'podman', 'skopeo', 'oras', 'helm'].includes(name),
);
const TOOLS = [...IMAGE_TOOLS, 'curl', ...CLIENTS.flatMap(({ needs }) => needs.tools ?? [])];
/** Of the reference's, those of what Stowage does without (docs/metrics.md). */
const METRICS_LEFT_OUT = /^registry_(?:storage_cache|proxy)_/;
const AUTHORIZATION = `Basic ${Buffer.from(`${WRITER.user}:${WRITER.password}`).toString('base64')}`;
/** Headers that an operator has set, or that clients rely on. */
const HEADERS = [
  'www-authenticate',
  'docker-distribution-api-version',
  'x-content-type-options',
  'strict-transport-security',
];
/** The reference shows only what is asked for. */
const ACCEPTED = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const success = { exitCode: 0 };

for (const version of REFERENCE_VERSIONS) {
  const needs = { tools: [...TOOLS, ...(needsReference(version).tools ?? [])], root: true };
  // docs/migrating.md, step by step. Each test goes on where the one before it has ended.
  describeWith(needs, `a whole installation of the reference registry ${version}`, () => {
    let temp: TempDir;
    let webhook: Webhook;
    let place: Installation;
    let clients: ReadonlyMap<string, SigningClient>;
    let challenged: readonly unknown[];
    let metrics: readonly string[];

    beforeAll(async () => {
      temp = await makeTempDir();
      webhook = await Webhook.start();
      place = await Installation.make(join(temp.path, 'installation'), webhook.url);
      const layout = join(await ensureImages(), 'busybox');
      const started = CLIENTS.map(async (client) => {
        const name = client.name.replaceAll(/[^a-z0-9]/g, '-');
        return [
          name,
          await client.start({ folder: join(temp.path, name), env: place.environment, layout }),
        ] as const;
      });
      clients = new Map(await Promise.all(started));
    });
    afterAll(async () => {
      for (const client of clients.values()) await client.stop?.();
      await place.remove();
      await webhook.stop();
      await temp.remove();
    });

    const everyClient = async (does: (client: SigningClient, name: string) => Promise<void>) => {
      for (const [name, client] of clients) await does(client, name);
    };
    const push = (group: string) =>
      everyClient(async (client, name) => {
        expect(await client.push(`${group}/${name}`)).toMatchObject(success);
      });
    const pull = (group: string) =>
      everyClient(async (client, name) => {
        expect(await client.pull(`${group}/${name}`)).toMatchObject(success);
        expect(await client.pulled()).toBe(await digestOf(`${group}/${name}`));
      });
    const digestOf = async (
      repository: string,
      { client }: { readonly client: HttpClient } = place,
    ): Promise<unknown> => {
      const path = `/v2/${repository}/manifests/${TAG}`;
      const { headers } = await client.send({
        method: 'HEAD',
        path,
        headers: { authorization: AUTHORIZATION, accept: ACCEPTED },
      });
      return headers['docker-content-digest'];
    };
    const challenge = async () => {
      const { status, headers } = await place.client.send({ path: '/v2/' });
      return [status, ...HEADERS.map((name) => headers[name])];
    };
    const metricNames = async () => {
      const { body } = await place.debug.send({ path: '/metrics' });
      return parseExposition(body.toString()).map(({ name, type, samples }) => {
        const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
        return `${name} ${type} ${[...labels].toSorted().join(' ')}`;
      });
    };
    const health = async () => {
      const [seen, main] = [
        await place.debug.send({ path: '/debug/health' }),
        await place.client.send({ path: '/' }),
      ];
      return [seen.status, Object.keys(JSON.parse(seen.body.toString()) as object), main.status];
    };

    /** That the webhook has an event of each push of the group. */
    const isTold = async (group: string) => {
      const told = () =>
        webhook.events
          .filter(({ action, target }) => action === 'push' && target.tag === TAG)
          .map(({ target }) => target.repository ?? '');
      const pushed = [...clients.keys()].map((name) => `${group}/${name}`);
      await expect.poll(told, PATIENCE).toEqual(expect.arrayContaining(pushed));
    };

    it('is used by people with several clients', async () => {
      await place.start(version);
      await everyClient(async (client) => expect(await client.login(WRITER)).toMatchObject(success));
      await push('before');
      await pull('before');
      await isTold('before');
      challenged = await challenge();
      metrics = await metricNames();
      expect(challenged[0]).toBe(401);
    });

    it('is tried beside it, and its index is built, while it serves', async () => {
      expect(await place.stowage('config', 'check')).toMatchObject(success);
      const trial = await place.startTrial();
      expect(await trial.curl('/v2/_catalog')).toContain('"before/helm"');
      expect(await digestOf('before/helm', trial)).toBe(await digestOf('before/helm'));
      const refused = {
        method: 'POST',
        path: '/v2/a/blobs/uploads/',
        headers: { authorization: AUTHORIZATION },
      };
      expect((await trial.client.send(refused)).status).toBe(405);
      await trial.stop();
      expect(await place.stowage('index', 'rebuild')).toMatchObject(success);
      await push('late');
    });

    it('is served by Stowage with the same file: no client signs in anew', async () => {
      await place.stop();
      await place.start('Stowage');
      expect(await challenge()).toEqual(challenged);
      await pull('before');
      await pull('late');
      await push('after');
      await pull('after');
      const path = `/v2/late/helm/manifests/${String(await digestOf('late/helm'))}`;
      const deleted = await place.client.send({
        method: 'DELETE',
        path,
        headers: { authorization: AUTHORIZATION },
      });
      expect(deleted.status).toBe(202);
      expect(await place.stowage('index', 'verify')).toMatchObject(success);
    });

    it('takes the passwords of its file there, and no other', async () => {
      const client = clients.get('oras');
      expect(await client?.login({ ...WRITER, password: 'wrong' })).toMatchObject({ exitCode: 1 });
      expect(await client?.login(WRITER)).toMatchObject(success);
      expect(await client?.pull('before/oras')).toMatchObject(success);
    });

    it('has its metrics there under the same names, with the same labels', async () => {
      const now = await metricNames();
      const kept = metrics.filter((name) => name.startsWith('registry_') && !METRICS_LEFT_OUT.test(name));
      expect(kept).toContain('registry_http_requests_total counter code handler method');
      expect(now).toEqual(expect.arrayContaining(kept));
    });

    it('is taken out of service there, and put back, by the file of its health check', async () => {
      expect(await health()).toEqual([200, [], 200]);
      await place.takeDown();
      await expect.poll(health, PATIENCE).toEqual([503, [join(place.folder, 'down')], 503]);
      await place.putBack();
      await expect.poll(health, PATIENCE).toEqual([200, [], 200]);
    });

    it('writes its fields on each line of the log there', async () => {
      await expect
        .poll(() => place.printed, PATIENCE)
        .toMatch(/"service":"registry".*"environment":"production"/);
    });

    it('tells the webhook of pushes there, as before', async () => {
      await isTold('after');
      expect([...webhook.authorizations]).toEqual(['Bearer of-the-webhook']);
    });

    it('goes back to the old registry with all that was pushed and deleted meanwhile, and comes again', async () => {
      await place.stop();
      await place.start(version);
      expect(await challenge()).toEqual(challenged);
      await pull('before');
      await pull('after');
      expect(await digestOf('late/helm')).toBeUndefined();
      expect(await digestOf('late/oras')).toBeDefined();
      await push('back');
      await place.stop();
      await place.start('Stowage');
      await pull('back');
      expect(await place.stowage('gc', '--dry-run')).toMatchObject(success);
    });
  });
}
