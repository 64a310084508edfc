import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { digestOf, errorCodes, type Answer } from '../support/http-client.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { runProgram, succeed } from '../support/run-program.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const DISK_MEGABYTES = 24;

describeWith({ tools: ['mount', 'umount'], root: true }, 'a disk that fails', () => {
  let temp: TempDir;
  let disk: string;
  let registry: RunningRegistry;
  /** Digest by path: everything that was acknowledged. */
  const acknowledged = new Map<string, string>();

  const push = async (content: Uint8Array): Promise<Answer> => {
    const digest = digestOf(content);
    const path = `/v2/full/blobs/uploads/?digest=${digest}`;
    const answer = await registry.client.send({ method: 'POST', path, body: content });
    if (answer.status === 201) acknowledged.set(`/v2/full/blobs/${digest}`, digest);
    return answer;
  };
  const expectRefusal = (answer: Answer): void => {
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(errorCodes(answer)).toHaveLength(1);
  };
  const expectEverythingServed = async (): Promise<void> => {
    for (const [path, digest] of acknowledged) {
      const { status, body } = await registry.client.send({ path });
      expect([path, status, digestOf(body)]).toEqual([path, 200, digest]);
    }
  };
  const pushAnImage = async (tag: string): Promise<void> => {
    const layer = `layer of ${tag}`;
    const manifest = await pushImage(registry.client, 'full', tag, `config of ${tag}`, { layers: [layer] });
    acknowledged.set(`/v2/full/manifests/${tag}`, digestOf(manifest));
    acknowledged.set(`/v2/full/blobs/${digestOf(layer)}`, digestOf(layer));
  };

  beforeAll(async () => {
    temp = await makeTempDir();
    disk = join(temp.path, 'disk');
    await mkdir(disk);
    await succeed('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', disk]);
    registry = await RunningRegistry.start({
      folder: join(temp.path, 'registry'),
      settings: { storage: { filesystem: { rootdirectory: disk } } },
    });
    await pushAnImage('before');
  });
  afterAll(async () => {
    await registry.stop();
    // Until nothing is mounted there: a test that failed may have left its own mount on top.
    while ((await runProgram('umount', ['--lazy', disk])).exitCode === 0);
    await temp.remove();
  });

  it('refuses with an OCI error when it is full, and says so in the log', async () => {
    let answer = await push(randomBytes(1_000_000));
    for (let count = 0; answer.status === 201 && count <= DISK_MEGABYTES; count += 1) {
      answer = await push(randomBytes(1_000_000));
    }
    expectRefusal(answer);
    expect(answer.body.toString()).toMatch(/full|space/);
    // Log lines are written in batches.
    await vi.waitFor(() => expect(registry.lines.join('\n')).toMatch(/ENOSPC|full/), 5_000);
  });

  it('serves everything it acknowledged while not a byte is free', async () => {
    await writeFile(join(disk, 'filler'), randomBytes(DISK_MEGABYTES * 1_000_000)).catch(expectFull);
    for (let count = 0; count < 5; count += 1) expectRefusal(await push(randomBytes(100_000)));
    await expectEverythingServed();
  });

  it('answers on the same connection after it refused an upload in the middle of its body', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = registry;
    const path = '/v2/full/blobs/uploads/?digest=' + digestOf('never stored');
    const length = { 'content-length': '1000000' };
    const upload = request({ host: '127.0.0.1', port, agent, method: 'POST', path, headers: length });
    upload.write(randomBytes(600_000));
    const [refusal] = (await once(upload, 'response')) as [IncomingMessage];
    expect(refusal.statusCode).toBeGreaterThanOrEqual(500);
    refusal.resume();
    upload.end(randomBytes(400_000));
    const next = request({ host: '127.0.0.1', port, agent, path: '/v2/' }).end();
    const [answer] = (await once(next, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    agent.destroy();
  });

  it('works again when there is space, without a restart', async () => {
    await rm(join(disk, 'filler'));
    await succeed('mount', ['-o', `remount,size=${4 * DISK_MEGABYTES}m`, disk]);
    expect((await push(randomBytes(1_000_000))).status).toBe(201);
    await pushAnImage('after-full');
    await expectEverythingServed();
  });

  it('refuses writes with an OCI error while its folder is read-only, and serves on', async () => {
    // The file system itself can not be made read-only while a file is open for writing; a bind mount of it can.
    await succeed('mount', ['--bind', disk, disk]);
    await succeed('mount', ['-o', 'remount,ro,bind', disk]);
    // The log of the database is open, and can be written: it keeps a small blob until the folder takes it.
    expect((await push(randomBytes(1_000))).status).toBe(201);
    for (const size of [1_000, 100_000]) {
      const answer = await push(randomBytes(size));
      expectRefusal(answer);
      expect(answer.body.toString()).toMatch(/read-only/);
    }
    await expectEverythingServed();
  });

  it('works again when its folder can be written, and finds everything after a kill', async () => {
    await succeed('umount', ['--lazy', disk]);
    await pushBlob(registry.client, 'full', randomBytes(1_000));
    await pushAnImage('after-read-only');
    await registry.kill9();
    await registry.restart();
    await expectEverythingServed();
  });
});

function expectFull(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOSPC') throw error;
}
