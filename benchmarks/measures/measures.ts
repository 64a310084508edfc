import { ADOPTION } from './adoption.js';
import type { Measure } from './bench.js';
import { CEILING } from './ceiling.js';
import { COLLECTION_CHURN } from './collection-churn.js';
import { COLLECTION_PAUSE } from './collection-pause.js';
import { COLLECTION_REFERENCE } from './collection-reference.js';
import { COLLECTION_REHEARSAL } from './collection-rehearsal.js';
import { DEFAULT_LOGS } from './default-logs.js';
import { ENDURANCE } from './endurance.js';
import { FEATURES } from './features.js';
import { GROWTH } from './growth.js';
import { LARGE_BLOBS } from './large-blobs.js';
import { LISTS } from './lists.js';
import { MANY } from './many.js';
import { MEMORY, OBJECT_STORE_MEMORY } from './memory.js';
import { OBJECT_STORE } from './object-store.js';
import { PULL_STRATEGY } from './pull-strategy.js';
import { READS } from './reads.js';
import { IMAGES, SMALL_BLOBS, TAGS } from './small-pushes.js';
import { START } from './start.js';

/** In the order in which they run, and stand on the page. */
export const MEASURES: readonly Measure[] = [
  CEILING,
  ...READS,
  SMALL_BLOBS,
  IMAGES,
  TAGS,
  DEFAULT_LOGS,
  ...LARGE_BLOBS,
  PULL_STRATEGY,
  MANY,
  LISTS,
  START,
  ADOPTION,
  FEATURES,
  MEMORY,
  OBJECT_STORE,
  OBJECT_STORE_MEMORY,
  COLLECTION_PAUSE,
  COLLECTION_CHURN,
  COLLECTION_REHEARSAL,
  COLLECTION_REFERENCE,
  GROWTH,
  ENDURANCE,
];

/** @throws Error when there is none of a name */
export function chosen(names: readonly string[]): readonly Measure[] {
  const unknown = names.filter((name) => !MEASURES.some((measure) => measure.name === name));
  if (unknown.length === 0) {
    return MEASURES.filter(({ name, onRequest = false }) =>
      names.length === 0 ? !onRequest : names.includes(name),
    );
  }
  throw new Error(
    `no such measure: ${unknown.join(', ')}; there are ${MEASURES.map(({ name }) => name).join(', ')}`,
  );
}
