import { copyFile, cp, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureImages } from '../../support/images.js';
import { succeed } from '../../support/run-program.js';
import { tool } from '../../support/tools.js';
import type { ContainerEngine } from './container-engine.js';

const PROJECT = join(import.meta.dirname, '../../..');
const BASES = join(import.meta.dirname, 'bases.Dockerfile');
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Builds the Dockerfile of the project as it stands, on images that are made here, since none is fetched.
 * @param folder for the files that go into them
 */
export async function buildImage(engine: ContainerEngine, folder: string, name: string): Promise<void> {
  await engine.take(`oci:${join(await ensureImages(), 'debian')}:bookworm`, 'localhost/debian:bookworm');
  await mkdir(folder, { recursive: true });
  await copyFile(process.execPath, join(folder, 'node'));
  await copyFile(process.env['NODE_EXTRA_CA_CERTS'] ?? CERTIFICATES, join(folder, 'ca-certificates.crt'));
  const npm = await realpath(tool('npm'));
  await cp(dirname(dirname(npm)), join(folder, 'npm'), { recursive: true });
  for (const stage of ['debian', 'node']) {
    await engine.build(`localhost/test-${stage}`, '--target', stage, '--file', BASES, folder);
  }
  const registry = (await succeed('npm', ['config', 'get', 'registry'], { cwd: PROJECT })).trim();
  const args = {
    NODE: 'localhost/test-node',
    BASE: 'localhost/test-debian',
    NPM_CONFIG_REGISTRY: registry,
  };
  const options = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  await engine.build(name, ...options, PROJECT);
}
