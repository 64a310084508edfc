import { ContainerModule } from 'inversify';
import { SystemClock } from '../../infrastructure/system/system-clock.js';
import { SystemRandom } from '../../infrastructure/system/system-random.js';
import { TOKENS as T } from '../tokens.js';

export const systemModule = new ContainerModule(({ bind }) => {
  bind(T.clock).toResolvedValue(() => new SystemClock(), []);
  bind(T.random).toResolvedValue(() => new SystemRandom(), []);
});
