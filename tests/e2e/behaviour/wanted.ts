import type { Wanted } from './compare.js';
import { ACCESS } from './wanted/access.js';
import { ANSWERS } from './wanted/answers.js';
import { BLOBS } from './wanted/blobs.js';
import { LISTS } from './wanted/lists.js';
import { MANIFESTS } from './wanted/manifests.js';
import { METHODS } from './wanted/methods.js';
import { PATHS } from './wanted/paths.js';
import { UPLOADS } from './wanted/uploads.js';

/** Every difference that is wanted; docs/migrating.md has the reasons. */
export const WANTED: readonly Wanted[] = [
  ...ANSWERS,
  ...METHODS,
  ...PATHS,
  ...MANIFESTS,
  ...BLOBS,
  ...LISTS,
  ...UPLOADS,
  ...ACCESS,
];
