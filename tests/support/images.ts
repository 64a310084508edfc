import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from './run-program.js';
import { CACHE_FOLDER } from './tools.js';

/** A new number for every change of make-images.sh: the folder is made once per machine. */
const VERSION = 1;
const MAKE_IMAGES = join(import.meta.dirname, '../e2e/clients/make-images.sh');
const MAKE_ONCE = `set -e
[ -e "$2/complete" ] && exit
bash "$0" "$1"
touch "$1/complete"
rm -rf "$2"
mv "$1" "$2"`;

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
    // Files that run at the same time make them once: whoever waits for the lock finds them made.
    await succeed('flock', [`${folder}.lock`, 'bash', '-c', MAKE_ONCE, MAKE_IMAGES, part, folder], {
      timeout: 580_000,
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}
