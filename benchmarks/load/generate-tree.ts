import { spawnSync } from 'node:child_process';

export interface GeneratedTree {
  readonly repositories: number;
  readonly tags: number;
  readonly blobs: number;
  /** Layers beside them, in each repository, that no manifest references. */
  readonly loose?: number;
}

export type GeneratedCounts = Readonly<
  Record<'repositories' | 'blobs' | 'links' | 'manifests' | 'tags', number>
>;

/** Writes a tree as the reference registry would have left it. @returns what is in it */
export function generateTree(
  root: string,
  { repositories, tags, blobs, loose = 0 }: GeneratedTree,
): GeneratedCounts {
  const words = [
    '--import',
    './tests/support/typescript-workers.mjs',
    'tests/support/generate-tree.ts',
    root,
  ];
  const size = [repositories, tags, blobs, loose].map(String);
  const { stdout, status, stderr } = spawnSync(process.execPath, [...words, ...size]);
  if (status !== 0) throw new Error(`no tree was made: ${stderr.toString()}`);
  return JSON.parse(stdout.toString()) as GeneratedCounts;
}
