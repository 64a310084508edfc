import { generateTree } from './large-tree.js';

/**
 * Writes a large tree, and what it has as JSON to stdout. The benchmarks run it as
 * `node --import ./tests/support/typescript-workers.mjs tests/support/generate-tree.ts <root> <repositories> <tags> <blobs> [<loose>]`.
 */
const [root = '', repositories, tags, blobs, loose = '0'] = process.argv.slice(2);
const size = {
  repositories: Number(repositories),
  tags: Number(tags),
  blobs: Number(blobs),
  loose: Number(loose),
};
process.stdout.write(`${JSON.stringify(generateTree(root, size))}\n`);
