import type { S3ClientOptions } from '../../src/infrastructure/storage/drivers/s3/client/client-options.js';

/** The keys that the RGW of the tests knows. */
export const RGW_KEYS = { accesskey: 'STOWAGEKEY', secretkey: 'stowage-secret' } as const;
export const RGW_REGION = 'us-east-1';

/** Everything that the client has to know, as the configuration has it by default. */
export function s3Options(
  given: Partial<S3ClientOptions> & Pick<S3ClientOptions, 'bucket' | 'regionendpoint'>,
): S3ClientOptions {
  return {
    region: RGW_REGION,
    redirectendpoint: undefined,
    forcepathstyle: undefined,
    secure: true,
    skipverify: false,
    usedualstack: false,
    accelerate: false,
    ...RGW_KEYS,
    sessiontoken: undefined,
    encrypt: false,
    keyid: undefined,
    storageclass: 'STANDARD',
    objectacl: 'private',
    multipartcopychunksize: 32 * 1024 ** 2,
    multipartcopymaxconcurrency: 100,
    multipartcopythresholdsize: 32 * 1024 ** 2,
    useragent: undefined,
    rootdirectory: '',
    ...given,
  };
}
