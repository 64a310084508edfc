import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureImages, IMAGE_TOOLS } from '../support/images.js';
import { OciLayout } from '../support/oci-layout.js';
import { runProgram, succeed, type RunOptions } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, tool } from '../support/tools.js';
import { GuardedRegistry, REGISTRY, WRITER } from './signing-in/guarded-registry.js';

/** The transparency log of the world is not asked, neither to sign nor to verify. */
const OFFLINE = {
  sign: ['-y', '--tlog-upload=false', '--use-signing-config=false'],
  verify: ['--insecure-ignore-tlog'],
} as const;

for (const kind of ['htpasswd', 'token'] as const) {
  describeWith(
    { tools: [...IMAGE_TOOLS, 'cosign', 'crane'] },
    `cosign over TLS, signed in by ${kind}`,
    () => {
      let temp: TempDir;
      let registry: GuardedRegistry;
      let options: RunOptions & { readonly cwd: string };
      let layout: OciLayout;
      let image: string;

      beforeAll(async () => {
        temp = await makeTempDir();
        registry = await GuardedRegistry.start(kind, join(temp.path, 'registry'));
        const home = join(temp.path, 'home');
        await mkdir(home);
        const env = { HOME: home, DOCKER_CONFIG: home, COSIGN_PASSWORD: 'of the key' };
        options = { cwd: home, env: { ...(await registry.environment()), ...env } };
        layout = new OciLayout(join(await ensureImages(), 'busybox'));
        await cosign('login', REGISTRY, '-u', WRITER.user, '-p', WRITER.password);
        for (const pair of ['cosign', 'other'])
          await cosign('generate-key-pair', '--output-key-prefix', pair);
      });
      afterAll(async () => {
        await registry.stop();
        await temp.remove();
      });

      const cosign = (...words: string[]) => succeed(tool('cosign'), words, options);

      it.each([
        ['referrer', 'referrers', 'application/vnd.dev.sigstore.bundle', []],
        ['tag', 'tags', '.sig"', ['--new-bundle-format=false']],
      ])('signs an image, and verifies it by a %s', async (_what, list, signature, format) => {
        const repository = `team/${list}`;
        const name = `${REGISTRY}/${repository}`;
        await succeed(tool('crane'), ['push', layout.folder, `${name}:1`], options);
        const { digest } = await layout.find('1');
        image = `${name}@${digest}`;
        await cosign('sign', ...OFFLINE.sign, ...format, '--key', 'cosign.key', image);
        const path = `/v2/${repository}/${list}/${list === 'tags' ? 'list' : digest}`;
        expect((await registry.send({ path }, repository)).body.toString()).toContain(signature);
        const verify = ['verify', ...OFFLINE.verify, ...format];
        expect(await cosign(...verify, '--key', 'cosign.pub', image)).toContain(
          (await layout.find('1')).digest,
        );
        const other = await runProgram(tool('cosign'), [...verify, '--key', 'other.pub', image], options);
        expect(other.exitCode).not.toBe(0);
        expect(other.stderr).toContain('signature');
      });

      it('is refused the signature when it has not signed in', async () => {
        const env = { ...options.env, DOCKER_CONFIG: join(temp.path, 'nobody') };
        const words = ['verify', ...OFFLINE.verify, '--key', 'cosign.pub', image];
        const { exitCode, stderr } = await runProgram(tool('cosign'), words, { ...options, env });
        expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/unauthorized/i)]);
      });
    },
  );
}
