import type { Hashing } from '../application/ports/system/hashing.js';
import type { Logger } from '../application/ports/system/logger.js';
import type { S3Storage } from '../infrastructure/config/config.js';
import type { RequestTrace } from '../infrastructure/storage/drivers/s3/client/client-options.js';
import { S3Client } from '../infrastructure/storage/drivers/s3/client/s3-client.js';
import { S3Driver } from '../infrastructure/storage/drivers/s3/s3-driver.js';
import { PieceMemory } from '../infrastructure/storage/drivers/s3/staged/piece-memory.js';
import { blobsPath, repositoriesPath } from '../infrastructure/storage/layout/paths.js';

/** Connects when it is first used. */
export function makeS3Driver(config: S3Storage, hashing: Hashing, logger: Logger | undefined): S3Driver {
  const onRequest =
    config.loglevel === 'off' || logger === undefined
      ? undefined
      : (trace: RequestTrace) => logger.info('request to S3', { ...trace });
  const client = new S3Client(config, { onRequest });
  return new S3Driver(client, hashing, new PieceMemory(config.chunksize), {
    rootDirectory: config.rootdirectory,
    trees: [blobsPath, repositoriesPath],
  });
}
