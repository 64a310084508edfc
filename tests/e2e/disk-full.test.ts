import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf, errorCodes, type Answer } from '../support/http-client.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { succeed } from '../support/run-program.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const DISK_MEGABYTES = 24;

describeWith({ tools: ['mount', 'umount'], root: true }, 'a disk that fails', () => {
  let temp: TempDir;
  let disk: string;
  let registry: RunningRegistry;
  /** Content by path: everything that was acknowledged. */
  const acknowledged = new Map<string, string>();

  const push = async (content: Uint8Array): Promise<Answer> => {
    const digest = digestOf(content);
    const path = `/v2/full/blobs/uploads/?digest=${digest}`;
    const answer = await registry.client.send({ method: 'POST', path, body: content });
    if (answer.status === 201) acknowledged.set(`/v2/full/blobs/${digest}`, digest);
    return answer;
  };
  const remount = async (options: string): Promise<string> =>
    succeed('mount', ['-o', `remount,${options}`, disk]);
  const expectEverythingServed = async (): Promise<void> => {
    for (const [path, digest] of acknowledged) {
      const { status, body } = await registry.client.send({ path });
      expect([path, status, digestOf(body)]).toEqual([path, 200, digest]);
    }
  };
  const pushAnImage = async (tag: string): Promise<void> => {
    const manifest = await pushImage(registry.client, 'full', tag, `config of ${tag}`, {
      layers: [`layer of ${tag}`],
    });
    acknowledged.set(`/v2/full/manifests/${tag}`, digestOf(manifest));
    acknowledged.set(`/v2/full/blobs/${digestOf(`layer of ${tag}`)}`, digestOf(`layer of ${tag}`));
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
    await succeed('umount', [disk]);
    await temp.remove();
  });

  it('refuses with an OCI error when it is full, and says so in the log', async () => {
    let answer = await push(randomBytes(1_000_000));
    for (let count = 0; answer.status === 201 && count <= DISK_MEGABYTES; count += 1) {
      answer = await push(randomBytes(1_000_000));
    }
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(errorCodes(answer)).toHaveLength(1);
    expect(answer.body.toString()).toMatch(/full|space/);
    expect(registry.lines.join('\n')).toMatch(/full|ENOSPC|space/);
  });

  it('serves everything it acknowledged while it is full', async () => {
    await writeFile(join(disk, 'filler'), randomBytes(DISK_MEGABYTES * 1_000_000)).catch(expectFull);
    expect((await push(randomBytes(100_000))).status).toBeGreaterThanOrEqual(500);
    await expectEverythingServed();
  });

  it('works again when there is space, without a restart', async () => {
    const pid = registry.pid;
    await rm(join(disk, 'filler'));
    await remount(`size=${4 * DISK_MEGABYTES}m`);
    expect((await push(randomBytes(1_000_000))).status).toBe(201);
    await pushAnImage('after-full');
    await expectEverythingServed();
    expect(registry.pid).toBe(pid);
  });

  it('refuses writes with an OCI error while the disk is read-only, and serves on', async () => {
    await remount('ro').catch(async () => {
      // A file that is open for writing keeps the file system from it; a bind mount of it does not mind.
      await succeed('mount', ['--bind', disk, disk]);
      await succeed('mount', ['-o', 'remount,ro,bind', disk]);
    });
    const answer = await push(randomBytes(1_000));
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(errorCodes(answer)).toHaveLength(1);
    await expectEverythingServed();
  });

  it('works again when the disk can be written, and a restart finds everything', async () => {
    await remount('rw');
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
