import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from './run-program.js';
import { CACHE_FOLDER } from './tools.js';

/** A new number for every change of make-images.sh: the folder is made once per machine. */
const VERSION = 1;
const MAKE_IMAGES = join(import.meta.dirname, '../e2e/clients/make-images.sh');

export const IMAGE_TOOLS = ['umoci', 'skopeo', 'mmdebstrap', 'jq', 'zstd', 'openssl', 'busybox'] as const;

/**
 * The folder with the OCI layouts busybox:1, debian:bookworm, many:30 (30 layers), big:500m, multi:all (an index of three
 * platforms), zstd:bookworm and artifact:{sbom,sig} (their subject is busybox:1). Making them takes minutes.
 */
export async function ensureImages(): Promise<string> {
  const folder = join(CACHE_FOLDER, `images-v${VERSION}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  await mkdir(CACHE_FOLDER, { recursive: true });
  const part = await mkdtemp(join(CACHE_FOLDER, 'images-part-'));
  try {
    await succeed('bash', [MAKE_IMAGES, part], { timeout: 580_000 });
    await writeFile(join(part, 'complete'), '');
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}
