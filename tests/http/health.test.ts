import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { errorCodes } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

describe('a registry with a health check', () => {
  let temp: TempDir;
  let registry: InProcessRegistry;
  let down: string;
  const look = async (): Promise<void> => {
    for (const { check } of registry.container.get(T.healthWatch).watched) {
      await check.execute(new AbortController().signal);
    }
  };

  beforeAll(async () => {
    temp = await makeTempDir();
    down = join(temp.path, 'down');
    registry = await InProcessRegistry.start({
      health: {
        storagedriver: { enabled: true, threshold: 1 },
        file: [{ file: down, interval: 10_000, threshold: 1 }],
      },
    });
  });
  afterAll(async () => {
    await rm(down, { force: true });
    await look();
    // That it told of its ill health is what was wanted.
    (registry.errors as string[]).length = 0;
    await registry.stop();
    await temp.remove();
  });

  it('knows the checks by the names that the reference registry gives them', () => {
    const names = registry.container.get(T.healthWatch).watched.map(({ check }) => check.name);
    expect(names).toEqual(['storagedriver_inmemory', down]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/v2/'],
    ['HEAD', '/v2/app/manifests/v1'],
    ['POST', '/v2/app/blobs/uploads/'],
    ['OPTIONS', '/v2/'],
    ['GET', '/nowhere'],
  ])('answers %s %s with 503 while one fails, and as ever afterwards', async (method, path) => {
    await look();
    const before = await registry.client.send({ method, path });
    expect(before.status).not.toBe(503);
    await writeFile(down, '');
    await look();
    const answer = await registry.client.send({ method, path });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    if (method !== 'HEAD') expect(errorCodes(answer)).toEqual(['UNAVAILABLE']);
    expect(registry.container.get(T.healthStatus).failing()).toEqual({ [down]: 'the file is there' });
    await rm(down);
    await look();
    expect((await registry.client.send({ method, path })).status).toBe(before.status);
  });
});
