import { USER_AGENT } from './http-client.js';
import { makeRgwBucket } from './rgw.js';
import { s3Section } from './s3-section.js';
import { onBucket, type Settings } from './start-registry.js';
import { ON_BUCKETS } from './tools.js';

/**
 * The storage of a registry for tests that do not care where it is, as sections of its configuration. On a bucket real
 * clients are sent to it for blobs; our own client, which takes an answer as it is, is not.
 * @param folder of the registry
 * @param redirects whether clients may be sent to the bucket
 */
export async function testStorage(folder: string, redirects: boolean): Promise<Settings> {
  if (!ON_BUCKETS) return {};
  const { storage, ...others } = onBucket(folder, s3Section(await makeRgwBucket()));
  const redirect = redirects ? { except: [USER_AGENT] } : { disable: true };
  return { ...others, storage: { ...storage, redirect } };
}
