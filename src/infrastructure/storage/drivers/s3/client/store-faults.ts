import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import { type StoreNames, toStorageFault } from './fault-sentences.js';
import { StoreRefusal } from './store-errors.js';

/** Runs calls and throws what goes wrong as StorageFault, with a sentence that says what was tried. */
export class StoreFaults {
  readonly #names: StoreNames;

  constructor(names: StoreNames) {
    this.#names = names;
  }

  /** @param doing as in `put docker/registry/…` */
  async during<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw toStorageFault(error, doing, this.#names);
    }
  }

  broken(sentence: string): StorageFault {
    return new StorageFault('broken', `${this.#names.origin} ${sentence}`);
  }
}

/** What a call gives; undefined when the store says that there is no such object. A missing bucket is a fault. */
export async function orAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  return unless(call, saysAbsent);
}

/** The same, and undefined too when there is another object than was asked for. */
export async function orOther<T>(call: Promise<T>): Promise<T | undefined> {
  return unless(call, (refusal) => refusal.status === 412 || saysAbsent(refusal));
}

async function unless<T>(
  call: Promise<T>,
  accepts: (refusal: StoreRefusal) => boolean,
): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof StoreRefusal && accepts(error)) return undefined;
    throw error;
  }
}

/** A HEAD tells no code: its 404 stands for the object. */
function saysAbsent({ code, status }: StoreRefusal): boolean {
  return code === 'NoSuchKey' || (status === 404 && code === '');
}
