import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultyS3 } from '../support/faulty-s3.js';
import { digestOf, type Answer } from '../support/http-client.js';
import { NEEDS_RGW, useRgwBucket } from '../support/rgw.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const MB = 1024 * 1024;

describeWith(NEEDS_RGW, 'blobs that come whole, for a bucket', () => {
  const bucket = useRgwBucket();
  let store: FaultyS3;
  let temp: TempDir;
  let registry: RunningRegistry;

  beforeAll(async () => {
    store = await FaultyS3.before(bucket().port);
    temp = await makeTempDir();
    const section = { ...s3Section(bucket(), 'whole'), regionendpoint: store.endpoint };
    registry = await RunningRegistry.start({ folder: temp.path, settings: onBucket(temp.path, section) });
  });
  afterAll(async () => {
    await registry.kill9();
    await store.close();
    await temp.remove();
  });

  /** What was asked of the store about the digest, or about an upload. */
  const askedAbout = (digest: string): string[] =>
    store.requests
      .filter(({ url }) => url.includes(digest.slice('sha256:'.length)) || url.includes('/_uploads/'))
      .map(({ method, url }) => `${method} ${/\/(blobs|_layers|_uploads)\//.exec(url)?.[1]}`);

  const push = (content: Buffer, claimed = digestOf(content)): Promise<Answer> =>
    registry.client.send({
      method: 'POST',
      path: `/v2/team/app/blobs/uploads/?digest=${claimed}`,
      body: content,
    });

  it('are put by one request up to a part, with another for the link; nothing is staged', async () => {
    const content = randomBytes(9 * MB);
    const digest = digestOf(content);
    expect((await push(content)).status).toBe(201);
    expect(askedAbout(digest)).toEqual(['PUT blobs', 'PUT _layers']);
    const back = await registry.client.send({ path: `/v2/team/app/blobs/${digest}` });
    expect(back.body.equals(content)).toBe(true);
  });

  it('are refused when they are not what they claim to be, and then the bucket has nothing of them', async () => {
    const claimed = digestOf('something else');
    const { status } = await push(randomBytes(2 * MB), claimed);
    expect(status).toBe(400);
    expect(askedAbout(claimed)).toEqual([]);
  });

  it('are staged where memory has no room for all of them, and all arrive', async () => {
    const contents = Array.from({ length: 24 }, () => randomBytes(8 * MB));
    const answers = await Promise.all(contents.map((content) => push(content)));
    expect(answers.map(({ status }) => status)).toEqual(contents.map(() => 201));
    for (const content of contents) {
      const path = `/v2/team/app/blobs/${digestOf(content)}`;
      const { headers } = await registry.client.send({ method: 'HEAD', path });
      expect(headers['content-length']).toBe(String(content.length));
      expect(digestOf((await registry.client.send({ path })).body)).toBe(digestOf(content));
    }
  });

  it('are pulled whole and in part after clients have left in the middle, or have got half from the store', async () => {
    const content = randomBytes(24 * MB);
    const digest = digestOf(content);
    const path = `/v2/team/app/blobs/${digest}`;
    expect((await push(content)).status).toBe(201);
    for (const bytes of [1, 5 * MB, 20 * MB]) await leaveAfter(bytes, path);
    store.inject(
      { kind: 'half', afterwards: 'cut' },
      ({ method, url }) => method === 'GET' && url.includes('/data'),
    );
    await expect(registry.client.send({ path })).rejects.toThrow();
    store.heal();
    const { body } = await registry.client.send({ path });
    expect(body.equals(content)).toBe(true);
    for (const [start, end] of [
      [9 * MB + 1, 22 * MB],
      [0, 12 * MB],
      [23 * MB, 24 * MB - 1],
    ] as const) {
      const part = await registry.client.send({ path, headers: { range: `bytes=${start}-${end}` } });
      expect([part.status, part.body.equals(content.subarray(start, end + 1))]).toEqual([206, true]);
    }
  });

  /** A client that has got so many bytes, and goes. */
  const leaveAfter = async (bytes: number, path: string): Promise<void> => {
    const socket = connect(registry.port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`),
    );
    let got = 0;
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got >= bytes) socket.destroy();
    });
    await once(socket, 'close');
  };
});
