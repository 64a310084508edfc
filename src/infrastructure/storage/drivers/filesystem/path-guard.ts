import { join, resolve } from 'node:path';
import { pathSegments } from '../path-segments.js';

/** Turns a driver's path into an absolute one below the root, whatever a caller hands in. */
export class PathGuard {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** @throws TypeError when the path could mean anything outside of the root */
  below(path: string): string {
    return join(this.root, ...pathSegments(path));
  }
}
