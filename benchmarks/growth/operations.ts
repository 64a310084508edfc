import { randomBytes, randomUUID } from 'node:crypto';
import type { Connection } from '../load/connection.js';
import { sha256 } from '../load/content.js';
import { pushFreshImage } from '../load/fresh-image.js';
import { expectStatus, mountBlob, pushManifest, pushSmallBlob } from '../load/push.js';
import { IMAGE_MANIFEST } from '../load/sample-image.js';
import type { Axis, InRepository, ListedPages } from './axes.js';
import { fewOf } from './grown-blobs.js';
import { EMPTY, referrerOf } from './manifests.js';

const BLOB = 4096;
const ACCEPT = { Accept: IMAGE_MANIFEST };

export interface Operation {
  readonly title: string;
  readonly unit: string;
  /** Whether its pages lie all over the database, so that it pays for those that no cache has. */
  readonly cold: boolean;
  /** Whether something is left to be done behind its answers. */
  readonly settles: boolean;
  /** @returns how many it was; 0 when there is nothing left to do */
  readonly run: (connection: Connection) => Promise<number>;
}

type Path = (number: number) => string;

async function send(
  connection: Connection,
  method: string,
  path: string,
  status: number,
  headers = {},
): Promise<Buffer> {
  const what = `${method} ${path}`;
  const { body } = expectStatus(what, await connection.request(method, path, headers), status);
  return body;
}

function operation(
  title: string,
  run: (connection: Connection) => Promise<unknown>,
  settles = true,
): Operation {
  const once = async (connection: Connection): Promise<number> => {
    await run(connection);
    return 1;
  };
  return { title, unit: 'µs CPU', cold: false, settles, run: once };
}

/** Deletes what another operation has left, as long as there is something. */
function deletion(title: string, left: string[]): Operation {
  const run = async (connection: Connection): Promise<number> => {
    const path = left.pop();
    if (path === undefined) return 0;
    await send(connection, 'DELETE', path, 202);
    return 1;
  };
  return { title, unit: 'µs CPU', cold: false, settles: true, run };
}

function pathOf<T>({ repository, value }: InRepository<T>, kind: string, text: (value: T) => string): string {
  return `/v2/${repository}/${kind}/${text(value)}`;
}

function readsOf(axis: Axis, few: () => number, any: () => number): readonly Operation[] {
  const byTag: Path = (number) => pathOf(axis.tag(number), 'manifests', (tag) => tag);
  const byDigest: Path = (number) => pathOf(axis.manifest(number), 'manifests', ({ bytes }) => sha256(bytes));
  const blob: Path = (number) => pathOf(axis.blob(number), 'blobs', sha256);
  const read = (title: string, method: string, path: () => string): Operation =>
    operation(title, (connection) => send(connection, method, path(), 200, ACCEPT), false);
  const both = (title: string, method: string, path: Path): readonly Operation[] => [
    read(`${title}, 64 in turn`, method, () => path(few())),
    { ...read(`${title}, any`, method, () => path(any())), cold: true },
  ];
  return [
    ...both('manifest GET by tag', 'GET', byTag),
    ...both('manifest GET by digest', 'GET', byDigest),
    ...both('blob HEAD', 'HEAD', blob),
    read('blob GET, 64 in turn', 'GET', () => blob(few())),
  ];
}

function writesOf(axis: Axis, any: () => number): readonly Operation[] {
  const left = { blobs: [] as string[], manifests: [] as string[], tags: [] as string[] };
  const somewhere = (): string => axis.manifest(any()).repository;
  return [
    operation('push of a blob', async (connection) => {
      const repository = somewhere();
      const digest = await pushSmallBlob(connection, repository, randomBytes(BLOB));
      left.blobs.push(`/v2/${repository}/blobs/${digest}`);
    }),
    deletion('DELETE of a blob', left.blobs),
    operation('mount of a blob', (connection) => {
      const { repository, value } = axis.blob(any());
      return mountBlob(connection, `mounted/${randomUUID()}`, repository, sha256(value));
    }),
    operation('push of an image, 7 pushes', async (connection) => {
      const at = { repository: somewhere(), tag: `new-${randomUUID()}` };
      const { repository, digest } = await pushFreshImage(connection, at);
      left.manifests.push(`/v2/${repository}/manifests/${digest}`);
    }),
    deletion('DELETE of a manifest', left.manifests),
    operation('PUT of a tag', async (connection) => {
      const { repository, value } = axis.manifest(any());
      const tag = `new-${randomUUID()}`;
      await pushManifest(connection, repository, tag, value);
      left.tags.push(`/v2/${repository}/manifests/${tag}`);
    }),
    deletion('DELETE of a tag', left.tags),
  ];
}

/** By what they list: the first page of a large list may have more than that of a small one. */
function listsOf({ title, key, path, after }: ListedPages, count: number): readonly Operation[] {
  const page = (which: string, wanted: string): Operation => ({
    title: `${title}, ${which}`,
    unit: 'µs CPU/name',
    cold: false,
    settles: false,
    run: async (connection) => {
      const list = JSON.parse((await send(connection, 'GET', wanted, 200)).toString()) as Record<string, []>;
      return list[key]?.length ?? 0;
    },
  });
  const deep = encodeURIComponent(after(count / 2));
  return [
    page('first', path),
    page('from the middle', `${path}${path.includes('?') ? '&' : '?'}last=${deep}`),
  ];
}

function referralsOf({ subject }: Axis): readonly Operation[] {
  if (subject === undefined) return [];
  const { repository, value } = subject;
  return [
    operation('push of a referrer', async (connection) => {
      await pushSmallBlob(connection, repository, EMPTY);
      const manifest = referrerOf(value, randomUUID());
      await pushManifest(connection, repository, sha256(manifest.bytes), manifest);
    }),
  ];
}

/** What is asked of a registry that has `count` things of the axis, in this order. */
export function operationsOf(axis: Axis, count: number): readonly Operation[] {
  const few = fewOf(count);
  let turn = 0;
  const next = (): number => few[turn++ % few.length] ?? 0;
  const any = (): number => Math.floor(Math.random() * count);
  return [
    ...readsOf(axis, next, any),
    ...(axis.list === undefined ? [] : listsOf(axis.list, count)),
    ...writesOf(axis, any),
    ...referralsOf(axis),
  ];
}
