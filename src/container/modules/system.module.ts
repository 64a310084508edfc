import { ContainerModule } from 'inversify';
import { ThreadedHashing } from '../../infrastructure/hashing/threaded-hashing.js';
import { ReceivedChunks } from '../../infrastructure/system/received-chunks.js';
import { SystemClock } from '../../infrastructure/system/system-clock.js';
import { SystemRandom } from '../../infrastructure/system/system-random.js';
import { TOKENS as T } from '../tokens.js';

export const systemModule = new ContainerModule(({ bind }) => {
  bind(T.clock).toResolvedValue(() => new SystemClock(), []);
  bind(T.hashing).toResolvedValue(() => new ThreadedHashing(), []);
  bind(T.chunkMemory).toResolvedValue(() => new ReceivedChunks(), []);
  bind(T.random).toResolvedValue(() => new SystemRandom(), []);
});
