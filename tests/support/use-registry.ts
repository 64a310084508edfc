import { afterAll, beforeAll } from 'vitest';
import { ensureImages } from './images.js';
import { RunningRegistry, type RegistryOptions } from './start-registry.js';
import { testStorage } from './test-storage.js';
import { makeTempDir, type TempDir } from './temp-dir.js';

export interface StageOptions extends Pick<RegistryOptions, 'settings'> {
  /** Make the test images first. */
  readonly withImages?: boolean;
  /** Whether clients may be sent to the storage for blobs, where it has addresses; true without it. */
  readonly redirects?: boolean;
}

/** What a group of end-to-end tests works with; there from `beforeAll` to `afterAll`. */
export interface Stage {
  readonly registry: RunningRegistry;
  /** A folder for the tests' own files. */
  readonly folder: string;
  /** See `ensureImages`. */
  readonly images: string;
}

/** A registry for all tests of the surrounding group. */
export function useRegistry({ withImages = false, redirects = true, ...options }: StageOptions = {}): Stage {
  let temp: TempDir | undefined;
  let images: string | undefined;
  let registry: RunningRegistry | undefined;
  beforeAll(async () => {
    if (withImages) images = await ensureImages();
    temp = await makeTempDir();
    const folder = `${temp.path}/registry`;
    const settings = { ...(await testStorage(folder, redirects)), ...options.settings };
    registry = await RunningRegistry.start({ settings, folder });
  });
  afterAll(async () => {
    await registry?.stop();
    await temp?.remove();
  });
  return {
    get registry() {
      return started(registry);
    },
    get folder() {
      return started(temp).path;
    },
    get images() {
      return started(images);
    },
  };
}

function started<V>(value: V | undefined): V {
  if (value === undefined) throw new Error('used before it was started');
  return value;
}
