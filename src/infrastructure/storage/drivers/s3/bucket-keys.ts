import { pathSegments } from '../path-segments.js';

/** Where the paths of the storage lie in a bucket: behind the configured root directory, as the reference has them. */
export class BucketKeys {
  /** Begins every key: empty, or it ends in a slash. */
  readonly root: string;

  constructor(rootDirectory: string) {
    const root = rootDirectory.replace(/^\/+|\/+$/g, '');
    this.root = root === '' ? '' : `${root}/`;
  }

  /** @throws TypeError when the path never came from the layout */
  of(path: string): string {
    return this.root + pathSegments(path).join('/');
  }
}
