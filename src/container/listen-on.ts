import type { ListenAddress, SocketPath } from '../infrastructure/config/config.js';
import { isSocketPath } from '../infrastructure/config/listen-address.js';
import { removeStaleSocket } from '../infrastructure/system/stale-socket.js';
import type { HttpServer } from '../interfaces/http/server.js';
import { explainListenError } from './start-errors.js';

/**
 * Removes what a killed process has left where it was listening. Whoever answers there is found in use.
 * @throws StartFailed with one sentence
 */
export async function freePlace(place: ListenAddress | SocketPath, key: string): Promise<void> {
  if (!isSocketPath(place)) return;
  try {
    await removeStaleSocket(place.path);
  } catch (error) {
    throw explainListenError(error, place, key);
  }
}

/**
 * @param key that names the place
 * @returns where it listens: with the port that the system has chosen for 0
 * @throws StartFailed with one sentence
 */
export async function listenOn(
  server: HttpServer,
  place: ListenAddress | SocketPath,
  key: string,
): Promise<ListenAddress | SocketPath> {
  try {
    if (!isSocketPath(place)) return { host: place.host, port: (await server.listen(place)).port };
    await server.listenOnSocket(place.path);
    return place;
  } catch (error) {
    throw explainListenError(error, place, key);
  }
}
