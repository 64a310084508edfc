import { StorageFault } from '../../src/application/ports/storage/storage-fault.js';
import type { ObjectStore } from '../../src/infrastructure/storage/drivers/s3/object-store.js';

/** What a process that is killed finds lost: its last request, or only the answer. */
export type Loss = 'request' | 'answer';

export class Killed extends StorageFault {
  constructor() {
    super('broken', 'the process was killed');
  }
}

interface DyingStore {
  readonly store: ObjectStore;
  /** Whether it was asked for more than it was to serve. */
  readonly isDead: () => boolean;
}

/** A store as a process sees it that is killed after so many requests. */
export function dyingStore(store: ObjectStore, requests: number, loss: Loss): DyingStore {
  let asked = 0;
  const ask = async (carryOut: () => Promise<unknown>): Promise<unknown> => {
    asked += 1;
    if (asked <= requests) return carryOut();
    if (asked === requests + 1 && loss === 'answer') await carryOut();
    throw new Killed();
  };
  const dying = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name === 'list' || name === 'openMultiparts') {
        return async function* pages(...args: unknown[]) {
          yield* (await ask(() => collected(value.apply(target, args)))) as unknown[];
        };
      }
      return async (...args: unknown[]) => ask(() => value.apply(target, args));
    },
  });
  return { store: dying, isDead: () => asked > requests };
}

async function collected(pages: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
