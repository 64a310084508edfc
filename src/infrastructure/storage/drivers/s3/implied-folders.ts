import type { StorageEntry, StorageSurvey } from '../../../../application/ports/storage/storage-driver.js';
import type { ObjectStore } from './object-store.js';
import { fileOfPiece } from './staged/piece.js';
import { wholeSeconds } from './store-time.js';

/** Folders of a bucket: there is none, but keys that have something in common up to a slash. */
export class ImpliedFolders {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async isThere(key: string): Promise<boolean> {
    for await (const { objects, prefixes } of this.#store.list({ prefix: `${key}/`, most: 1 })) {
      if (objects.length + prefixes.length > 0) return true;
    }
    return false;
  }

  /** A file and a folder of the same name are both told. */
  async list(key: string): Promise<readonly StorageEntry[]> {
    const prefix = `${key}/`;
    const files = new Set<string>();
    const folders: string[] = [];
    for await (const page of this.#store.list({ prefix, delimiter: '/' })) {
      for (const object of page.objects) {
        const name = object.key.slice(prefix.length);
        // Some programs put an object for a folder, which has no name in it.
        if (name !== '') files.add(fileOfPiece(name) ?? name);
      }
      folders.push(...page.prefixes.map((each) => each.slice(prefix.length, -1)));
    }
    return [
      ...[...files].map((name) => ({ name, kind: 'file' as const })),
      ...folders.map((name) => ({ name, kind: 'folder' as const })),
    ];
  }

  /** One list of everything below: nearly all of it is leaves. */
  async survey(key: string, leaf: string): Promise<StorageSurvey> {
    const prefix = `${key}/`;
    const without: string[] = [];
    let newest: number | undefined;
    let folder: { readonly name: string; has: boolean } | undefined;
    const leave = (): void => {
      if (folder?.has === false) without.push(folder.name);
    };
    for await (const { objects } of this.#store.list({ prefix })) {
      for (const object of objects) {
        const [name, rest] = splitAtSlash(object.key.slice(prefix.length));
        if (rest === undefined) continue;
        if (folder?.name !== name) {
          leave();
          folder = { name, has: false };
        }
        if (rest !== leaf) continue;
        folder.has = true;
        newest = Math.max(newest ?? 0, wholeSeconds(object.modifiedAt));
      }
    }
    leave();
    return { newest, without };
  }
}

function splitAtSlash(text: string): readonly [string, string | undefined] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
}
