import { createHash } from 'node:crypto';
import type { LayeredImage, LayerJson } from './layered-image.js';
import { PullConnection } from './pull-connection.js';
import { IMAGE_MANIFEST } from './sample-image.js';

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** Pulls the image from the port. @returns bytes of its layers */
export type Strategy = (port: number, image: LayeredImage, check: boolean) => Promise<number>;

/** @param check whether its digest is compared, which costs more than the pull */
async function pullLayer(connection: PullConnection, path: string, digest: string, check: boolean) {
  if (!check) return connection.get(path);
  const hash = createHash('sha256');
  const bytes = await connection.get(path, (piece) => hash.update(piece));
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new Error(`pulled ${found} instead of ${digest}`);
  return bytes;
}

/** As registry 1 is pulled: the id of the tag, then for each layer its json, its bytes, and only then its parent. */
export const layerByLayer: Strategy = async (port, { repository, topId }, check) => {
  const pathOf = (digest: string): string => `/v2/${repository}/blobs/${digest}`;
  const connection = await PullConnection.open(port);
  try {
    let bytes = 0;
    let id: string | undefined = (await connection.read(pathOf(topId))).toString();
    while (id !== undefined) {
      const { layer, parent } = JSON.parse((await connection.read(pathOf(id))).toString()) as LayerJson;
      bytes += await pullLayer(connection, pathOf(layer), layer, check);
      id = parent;
    }
    return bytes;
  } finally {
    connection.close();
  }
};

/** As registry 2 is pulled: the manifest, then config and layers on so many connections, each opened when it is needed. */
export function allAtOnce(connections: number): Strategy {
  return async (port, { repository, tag }, check) => {
    const open: PullConnection[] = [];
    const connect = async (): Promise<PullConnection> => {
      const connection = await PullConnection.open(port);
      open.push(connection);
      return connection;
    };
    try {
      const first = await connect();
      const body = await first.read(`/v2/${repository}/manifests/${tag}`, { Accept: IMAGE_MANIFEST });
      const { config, layers } = JSON.parse(body.toString()) as Manifest;
      const wanted = [config, ...layers].map(({ digest }) => digest);
      let bytes = 0;
      const pull = async (connection: PullConnection): Promise<void> => {
        for (let digest = wanted.shift(); digest !== undefined; digest = wanted.shift()) {
          const isLayer = digest !== config.digest;
          const got = await pullLayer(connection, `/v2/${repository}/blobs/${digest}`, digest, check);
          if (isLayer) bytes += got;
        }
      };
      const others = Array.from({ length: connections - 1 }, async () => pull(await connect()));
      await Promise.all([pull(first), ...others]);
      return bytes;
    } finally {
      for (const connection of open) connection.close();
    }
  };
}
