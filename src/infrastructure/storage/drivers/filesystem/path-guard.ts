import { resolve } from 'node:path';
import { assertPath } from '../path-segments.js';

/** Turns a driver's path into an absolute one below the root, whatever a caller hands in. */
export class PathGuard {
  readonly root: string;
  readonly #above: string;

  constructor(root: string) {
    this.root = resolve(root);
    this.#above = this.root === '/' ? '/' : `${this.root}/`;
  }

  /** @throws TypeError when the path could mean anything outside of the root */
  below(path: string): string {
    assertPath(path);
    return this.#above + path;
  }
}
