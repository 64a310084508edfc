import { join } from 'node:path';
import { succeed } from './run-program.js';
import { findTool, tool } from './tools.js';

export interface PushTarget {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** See `ensureImages`. */
  readonly images: string;
  /** For what the clients write. */
  readonly folder: string;
}

/**
 * Pushes every test image below `set/` with real clients: skopeo, and crane, regctl and oras where they are installed
 * (else skopeo for them too).
 * @param withLarge also the image of 500 MB and the one of 30 layers
 */
export async function pushImageSet(target: PushTarget, withLarge: boolean): Promise<void> {
  const { images } = target;
  await skopeoCopy(target, 'busybox:1', 'set/busybox:1');
  await skopeoCopy(target, 'busybox:1', 'set/busybox:again');
  await skopeoCopy(target, 'busybox:1', 'set/docker:1', '--format', 'v2s2');
  await skopeoCopy(target, 'multi:all', 'set/docker-list:all', '--all', '--format', 'v2s2');
  await skopeoCopy(target, 'artifact:sbom', 'set/busybox:sbom');
  await craneOr(target, 'debian:bookworm', 'set/debian:bookworm');
  if (withLarge) {
    await skopeoCopy(target, 'big:500m', 'set/big:500m');
    await craneOr(target, 'many:30', 'set/many:30');
  }
  await regctlOr(target, 'multi:all', 'set/multi:all');
  await orasOr(target, 'zstd:bookworm', 'set/zstd:bookworm');
  if (findTool('oras') === undefined) return;
  // On a registry without the referrers API it leaves an index under a fallback tag.
  const attach = ['attach', '--plain-http', '--artifact-type', 'example/note', '--annotation', 'note=kept'];
  await succeed(tool('oras'), [...attach, `${target.host}/set/busybox:1`], { cwd: images });
}

/** @param from `<layout>:<name>`, see `ensureImages` */
export async function skopeoCopy(
  { host, images }: PushTarget,
  from: string,
  to: string,
  ...options: readonly string[]
): Promise<void> {
  const copy = ['--insecure-policy', 'copy', '--quiet', '--dest-tls-verify=false', ...options];
  await succeed(tool('skopeo'), [...copy, `oci:${join(images, from)}`, `docker://${host}/${to}`]);
}

async function craneOr(target: PushTarget, from: string, to: string): Promise<void> {
  if (findTool('crane') === undefined) return skopeoCopy(target, from, to);
  const [layout = ''] = from.split(':');
  await succeed(tool('crane'), ['push', join(target.images, layout), `${target.host}/${to}`, '--insecure']);
}

async function regctlOr(target: PushTarget, from: string, to: string): Promise<void> {
  if (findTool('regctl') === undefined) return skopeoCopy(target, from, to, '--all');
  const host = ['--host', `reg=${target.host},tls=disabled`];
  const env = { REGCTL_CONFIG: join(target.folder, 'regctl.json') };
  const copy = ['image', 'copy', `ocidir://${join(target.images, from)}`, `${target.host}/${to}`];
  await succeed(tool('regctl'), [...copy, ...host], { env });
}

async function orasOr(target: PushTarget, from: string, to: string): Promise<void> {
  if (findTool('oras') === undefined) return skopeoCopy(target, from, to);
  const copy = ['cp', '--from-oci-layout', '--to-plain-http', join(target.images, from)];
  await succeed(tool('oras'), [...copy, `${target.host}/${to}`]);
}
