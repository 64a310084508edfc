import type { ObjectStore } from './object-store.js';
import { fileOfPiece } from './staged/piece.js';

/** Keys that one request removes. */
const AT_ONCE = 1000;

/** Removes an object, its pieces if it is a staged file, and everything below it. */
export async function removeBelow(store: ObjectStore, key: string): Promise<void> {
  let keys = [key];
  for await (const found of keysBelow(store, key)) {
    keys.push(found);
    if (keys.length < AT_ONCE) continue;
    await store.deleteAll(keys);
    keys = [];
  }
  const [only, second] = keys;
  if (only !== undefined && second === undefined) await store.delete(only);
  else if (keys.length > 0) await store.deleteAll(keys);
}

/** Not what begins with the same text otherwise: `v1.1` lies beside `v1`. */
async function* keysBelow(store: ObjectStore, key: string): AsyncGenerator<string> {
  for (const prefix of [`${key}/`, `${key}~`]) {
    for await (const { objects } of store.list({ prefix })) {
      for (const object of objects) {
        if (prefix.endsWith('/') || fileOfPiece(object.key) === key) yield object.key;
      }
    }
  }
}
