import { join, resolve } from 'node:path';

const SEGMENT = /^[A-Za-z0-9._-]+$/;

/** Turns a driver's path into an absolute one below the root, whatever a caller hands in. */
export class PathGuard {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** @throws TypeError when the path could mean anything outside of the root; it then never came from the layout. */
  below(path: string): string {
    for (const segment of path.split('/')) {
      if (!SEGMENT.test(segment) || segment === '.' || segment === '..') {
        throw new TypeError(`not a path of the storage: ${JSON.stringify(path)}`);
      }
    }
    return join(this.root, path);
  }
}
