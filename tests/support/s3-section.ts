import { RGW_KEYS } from './s3-options.js';
import type { RgwBucket } from './rgw.js';

/** `storage.s3` of a configuration on the bucket, for our program and for the reference. */
export function s3Section({ bucket, endpoint }: RgwBucket, rootdirectory = ''): Record<string, unknown> {
  return {
    ...RGW_KEYS,
    region: 'us-east-1',
    regionendpoint: endpoint,
    forcepathstyle: true,
    secure: false,
    bucket,
    ...(rootdirectory === '' ? {} : { rootdirectory }),
  };
}
