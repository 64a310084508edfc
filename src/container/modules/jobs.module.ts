import { ContainerModule } from 'inversify';
import { Jobs } from '../../interfaces/jobs/jobs.js';
import { TOKENS as T } from '../tokens.js';

const TEN_MINUTES = 600_000;

/** What runs by itself, and when. */
export const jobsModule = new ContainerModule(({ bind }) => {
  bind(T.jobs).toResolvedValue(
    (forgetUploads, health, config, clock, logger) =>
      new Jobs(
        [
          {
            name: 'forget settled uploads',
            every: TEN_MINUTES,
            atStart: true,
            run: () => forgetUploads.execute(),
          },
          {
            name: 'check health',
            every: config.health.storagedriver.interval,
            atStart: false,
            run: () => health.execute(),
          },
        ],
        clock,
        logger,
      ),
    [T.forgetSettledUploads, T.checkHealth, T.config, T.clock, T.logger],
  );
});
