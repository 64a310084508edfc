import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Container } from 'inversify';
import { TOKENS as T } from '../../src/container/tokens.js';
import type { HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { pushBlob } from '../support/registry-actions.js';

const CONTENT = Buffer.alloc(100_000, 'stowage ');
const DOCKER = 'docker/24.0.5 go/go1.20.6 kernel/6.1.0 os/linux arch/amd64';

/** Lets the storage have an address for each of its files, and tells what it was asked. */
function giveAddresses(container: Container): { opened: number; linked: string[] } {
  const asked = { opened: 0, linked: [] as string[] };
  const driver = container.get(T.storageDriver);
  const open = driver.openReader.bind(driver);
  driver.linkTo = async (path, seconds) => {
    asked.linked.push(path);
    return `https://bucket.example/${path}?X-Amz-Expires=${seconds}`;
  };
  driver.openReader = async (...request) => {
    asked.opened += 1;
    return open(...request);
  };
  return asked;
}

describe('blobs of a storage that has addresses for them', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;
  let asked: ReturnType<typeof giveAddresses>;
  let digest: string;
  let path: string;
  let inTree: string;

  async function start(redirect: { disable?: boolean; except?: string[] } = {}): Promise<void> {
    registry = await InProcessRegistry.start({ storage: { redirect } });
    asked = giveAddresses(registry.container);
    client = registry.client;
    digest = await pushBlob(client, 'team/app', CONTENT);
    path = `/v2/team/app/blobs/${digest}`;
    const hex = digest.slice('sha256:'.length);
    inTree = `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
  }

  beforeEach(() => start());
  afterEach(() => registry.stop());

  it('are fetched there: 307 with the address for 20 minutes and the digest, and no file is opened', async () => {
    const { status, headers, body } = await client.send({ path, headers: { 'user-agent': DOCKER } });
    expect(status).toBe(307);
    expect(headers).toMatchObject({
      location: `https://bucket.example/${inTree}?X-Amz-Expires=1200`,
      'docker-content-digest': digest,
      'content-type': 'application/octet-stream',
      'content-length': '0',
      'docker-distribution-api-version': 'registry/2.0',
    });
    // Whoever keeps the answer would ask at the address when it is good for nothing any more.
    expect([headers['cache-control'], headers.etag, body.length]).toEqual([undefined, undefined, 0]);
    expect(asked).toEqual({ opened: 0, linked: [inTree] });
  });

  it('are fetched there by ranges as well: the client sends its Range to the address', async () => {
    const { status, headers } = await client.send({ path, headers: { range: 'bytes=10-19' } });
    expect([status, headers['content-range'], asked.opened]).toEqual([307, undefined, 0]);
  });

  it('are answered here where no bytes are asked for: HEAD, 304, 416, 404', async () => {
    const head = await client.send({ method: 'HEAD', path });
    expect([head.status, head.headers['content-length']]).toEqual([200, String(CONTENT.length)]);
    const same = await client.send({ path, headers: { 'if-none-match': `"${digest}"` } });
    expect(same.status).toBe(304);
    const behind = await client.send({ path, headers: { range: `bytes=${CONTENT.length}-` } });
    expect(behind.status).toBe(416);
    const unknown = await client.send({ path: `/v2/team/other/blobs/${digest}` });
    expect(unknown.status).toBe(404);
    expect(asked).toEqual({ opened: 0, linked: [] });
  });

  describe('with redirects switched off', () => {
    beforeEach(async () => {
      await registry.stop();
      await start({ disable: true });
    });

    it('come from the registry', async () => {
      const { status, body } = await client.send({ path });
      expect([status, body.equals(CONTENT), asked.linked]).toEqual([200, true, []]);
    });
  });

  describe('with clients that can not follow', () => {
    beforeEach(async () => {
      await registry.stop();
      await start({ except: ['Docker/1', 'my-client/'] });
    });

    it.each([
      ['docker/1.13.1 go/go1.7.5', 200],
      ['My-Client/3', 200],
      [DOCKER, 307],
      ['not my-client/', 307],
      ['', 307],
    ])('answer "%s" with %i', async (agent, status) => {
      const answer = await client.send({ path, headers: { 'user-agent': agent } });
      expect(answer.status).toBe(status);
      if (status === 200) expect(answer.body.equals(CONTENT)).toBe(true);
    });
  });
});
