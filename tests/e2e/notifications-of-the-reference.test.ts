import { afterAll, beforeAll, expect, it } from 'vitest';
import { EventEndpoint, type WireEvent } from '../support/event-endpoint.js';
import { digestOf, type HttpClient } from '../support/http-client.js';
import { needsReference, ReferenceRegistry } from '../support/reference-registry.js';
import {
  imageManifest,
  indexManifest,
  pushBlob,
  pushImage,
  putManifest,
} from '../support/registry-actions.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const VERSION = '3.1.2';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const IMAGE = imageManifest('config', { layers: ['layer'] });
const [IMAGE_DIGEST, LAYER] = [digestOf(IMAGE), digestOf('layer')];
const ACCEPT = { accept: `application/vnd.oci.image.manifest.v1+json, ${INDEX}` };
/** The last thing that is told: by it the end is known. */
const LAST = 'the-end';
const PULLS = 7;

/** Pushes, pulls, mounts and deletes, of which the same must be told. */
async function play(client: HttpClient): Promise<void> {
  const send = async (...request: Parameters<HttpClient['send']>) => client.send(...request);
  await pushImage(client, 'team/app', 'v1', 'config', { layers: ['layer'] });
  await putManifest(client, 'team/app', IMAGE_DIGEST, IMAGE);
  await putManifest(client, 'team/app', 'index', indexManifest([IMAGE]), INDEX);
  await pushBlob(client, 'team/app', 'loose');
  await pushBlob(client, 'team/app', 'layer');
  const manifests = '/v2/team/app/manifests';
  const blob = `/v2/team/app/blobs/${LAYER}`;
  await send({
    path: `${manifests}/v1`,
    headers: { ...ACCEPT, authorization: `Basic ${btoa('alice:secret')}` },
  });
  await send({ path: `${manifests}/${IMAGE_DIGEST}`, headers: ACCEPT });
  await send({ method: 'HEAD', path: `${manifests}/v1`, headers: ACCEPT });
  await send({ path: `${manifests}/v1`, headers: { ...ACCEPT, 'if-none-match': `"${IMAGE_DIGEST}"` } });
  await send({ path: `${manifests}/none`, headers: ACCEPT });
  await send({ path: blob });
  await send({ path: blob, headers: { range: 'bytes=0-1' } });
  await send({ method: 'HEAD', path: blob });
  await send({ path: blob, headers: { 'if-none-match': `"${LAYER}"` } });
  await send({ method: 'POST', path: `/v2/other/blobs/uploads/?mount=${LAYER}&from=team/app` });
  await send({ method: 'DELETE', path: `${manifests}/v1` });
  await send({ method: 'DELETE', path: `/v2/team/app/blobs/${digestOf('loose')}` });
  await send({ method: 'DELETE', path: `${manifests}/${digestOf(indexManifest([IMAGE]))}` });
  await send({ method: 'DELETE', path: `${manifests}/${IMAGE_DIGEST}` });
  await pushBlob(client, LAST, LAST);
}

/** What can not be the same is made so: ids, times, ports; of URLs the reference's have no host where it writes none. */
function comparable({ body }: { readonly body: string }, port: string): string {
  return body
    .replace(/"id": "[^"]+"/g, '"id": "…"')
    .replace(/"timestamp": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)"/, '"timestamp": "…"')
    .replace(
      /"instanceID": "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/,
      '"instanceID": "…"',
    )
    .replace(/"addr": "127\.0\.0\.1:\d+"/, '"addr": "…"')
    .replaceAll(`http://127.0.0.1:${port}/`, '/')
    .replaceAll(`:${port}"`, ':…"');
}

describeWith(needsReference(VERSION), `what ${VERSION} of the reference registry tells, and Stowage`, () => {
  let temp: TempDir;
  const told: Record<'reference' | 'stowage', { endpoint: EventEndpoint; port: string }> = {} as never;

  beforeAll(async () => {
    temp = await makeTempDir();
    const [forReference, forStowage] = [await EventEndpoint.start(), await EventEndpoint.start()];
    const section = (endpoint: EventEndpoint) => ({
      events: { includereferences: true },
      endpoints: [{ name: 'hook', url: endpoint.url }],
    });
    const reference = await ReferenceRegistry.start(VERSION, `${temp.path}/r`, undefined, {
      notifications: section(forReference),
    });
    const stowage = await RunningRegistry.start({
      folder: `${temp.path}/s`,
      settings: { notifications: section(forStowage) },
    });
    try {
      told.reference = { endpoint: forReference, port: String(reference.host.split(':')[1]) };
      told.stowage = { endpoint: forStowage, port: String(stowage.port) };
      for (const registry of [reference, stowage]) await play(registry.client);
      for (const { endpoint } of Object.values(told)) {
        // Pulls are told a little later than the rest.
        await endpoint.until('the last events came', () => {
          const pulls = endpoint.events.filter(({ action }) => action === 'pull');
          return pulls.length === PULLS && endpoint.events.some(({ target }) => target.repository === LAST);
        });
      }
    } finally {
      await reference.stop();
      await stowage.stop();
    }
  });
  afterAll(async () => {
    for (const { endpoint } of Object.values(told)) await endpoint.stop();
    await temp.remove();
  });

  const ofTarget = ({ action, target }: WireEvent): string =>
    `${action} ${target.repository} ${target.tag ?? ''} ${target.digest}`;
  /** Pulls come a little later than the reference's, so only those of one kind are in one order. */
  const sorted = ({ endpoint, port }: (typeof told)['stowage'], pulls: boolean): readonly string[] =>
    endpoint.accepted
      .filter(({ body }) => body.includes('"action": "pull"') === pulls)
      .toSorted((one, other) => byText(repositoryOf(one.body), repositoryOf(other.body)))
      .map((post) => comparable(post, port));
  const repositoryOf = (body: string): string => /"repository": "([^"]+)"/.exec(body)?.[1] ?? '';
  const byText = (one: string, other: string): number => Number(one > other) - Number(one < other);

  it('is the same of pushes, mounts and deletes, byte for byte and in the same order for each repository', () => {
    expect(sorted(told.reference, false).length).toBeGreaterThan(10);
    expect(sorted(told.stowage, false)).toEqual(sorted(told.reference, false));
  });

  it('is the same of pulls, byte for byte and in the same order', () => {
    expect(sorted(told.reference, true).length).toBe(PULLS);
    expect(sorted(told.stowage, true)).toEqual(sorted(told.reference, true));
  });

  it('comes with the same type', () => {
    const types = (endpoint: EventEndpoint) =>
      new Set(endpoint.accepted.map(({ headers }) => headers['content-type']));
    expect(types(told.stowage.endpoint)).toEqual(types(told.reference.endpoint));
  });

  it('is told once for each thing that happens', () => {
    expect(told.stowage.endpoint.events.map(ofTarget).toSorted()).toEqual(
      told.reference.endpoint.events.map(ofTarget).toSorted(),
    );
  });
});
