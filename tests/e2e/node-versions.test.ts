import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { servedDigests } from '../support/oci-layout.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { succeed } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, nodeBinary } from '../support/tools.js';

// Node 20 runs all the other tests.
for (const version of [22, 24]) {
  describeWith({ node: [version] }, `on Node ${version}`, () => {
    let temp: TempDir;
    let registry: RunningRegistry | undefined;

    beforeEach(async () => {
      temp = await makeTempDir();
    });
    afterEach(async () => {
      await registry?.kill9();
      await temp.remove();
    });

    it('the program prints its version', async () => {
      expect(await succeed(nodeBinary(version), ['--version'])).toMatch(new RegExp(`^v${version}\\.`));
      expect(await succeed(nodeBinary(version), [PROGRAM, 'version'])).toMatch(/^stowage \d+\.\d+\.\d+\n$/);
    });

    it('the registry serves, keeps what it was given and stops in order', async () => {
      registry = await RunningRegistry.start({ folder: temp.path, runner: [nodeBinary(version)] });
      const large = randomBytes(5_000_000);
      const digest = await pushBlob(registry.client, 'app', large);
      const sha512 = await pushBlob(registry.client, 'app', 'short', 'sha512');
      await pushImage(registry.client, 'app', 'latest', '{}', { layers: ['one', 'two'] });
      const pushed = await servedDigests(registry.client, 'app', 'latest');
      expect(await registry.stop()).toBe(0);
      await registry.start();
      expect(await servedDigests(registry.client, 'app', 'latest')).toEqual(pushed);
      const { body } = await registry.client.send({ path: `/v2/app/blobs/${digest}` });
      expect(body.equals(large)).toBe(true);
      const short = await registry.client.send({ path: `/v2/app/blobs/${sha512}` });
      expect(short.body.toString()).toBe('short');
      expect(registry.lines.filter((line) => /warn|error/i.test(line))).toEqual([]);
    });
  });
}
