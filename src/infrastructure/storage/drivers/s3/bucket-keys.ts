import { pathSegments } from '../path-segments.js';

/** What begins every key below a root directory, with whatever slashes it is written: empty, or it ends in one. */
export function keyPrefix(rootDirectory: string): string {
  const root = rootDirectory.replace(/^\/+|\/+$/g, '');
  return root === '' ? '' : `${root}/`;
}

/** Where the paths of the storage lie in a bucket: behind the configured root directory, as the reference has them. */
export class BucketKeys {
  /** Begins every key: empty, or it ends in a slash. */
  readonly root: string;

  constructor(rootDirectory: string) {
    this.root = keyPrefix(rootDirectory);
  }

  /** @throws TypeError when the path never came from the layout */
  of(path: string): string {
    return this.root + pathSegments(path).join('/');
  }
}
