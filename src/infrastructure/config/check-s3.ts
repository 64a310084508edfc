import type { Collected, CollectedValue } from './collect-settings.js';
import { placeOf } from './source-node.js';

const REGION = /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/;

/** What the keys below `storage.s3` cannot say of themselves. */
export function s3Problems(collected: Collected): string[] {
  if (!collected.drivers.has('s3') || collected.drivers.size > 1) return [];
  const { values, problems } = collected;
  const get = (name: string) => values.get(`storage.s3.${name}`);
  const lacks = (key: string) =>
    !values.has(key) && !problems.some((problem) => problem.startsWith(`${key} (`));
  const found: string[] = [];
  if (lacks('storage.s3.bucket'))
    found.push('storage.s3.bucket is missing: name the bucket that holds the images.');
  if (lacks('storage.s3.region') && lacks('storage.s3.regionendpoint')) {
    found.push(
      'storage.s3.region is missing: name the region of the bucket, such as eu-central-1, or, if the store is not AWS, ' +
        'its address in storage.s3.regionendpoint.',
    );
  }
  found.push(...regionProblem(get('region'), get('regionendpoint')));
  found.push(...keyProblems(get));
  found.push(...accelerateProblems(get));
  if (lacks('metadata.sqlite.path')) {
    found.push(
      'metadata.sqlite.path is missing: with storage.s3 there is no folder in which the database of names could lie by ' +
        'itself. Name a file on a disk that is kept, such as /var/lib/stowage/metadata.db.',
    );
  }
  return found;
}

type Get = (name: string) => CollectedValue | undefined;

/** The reference registry knows the regions by a list, which grows old. */
function regionProblem(region: CollectedValue | undefined, endpoint: CollectedValue | undefined): string[] {
  if (region === undefined || endpoint !== undefined || REGION.test(String(region.value))) return [];
  return [
    `storage.s3.region (${placeOf(region.origin)}) is ${JSON.stringify(region.value)}, which is no region of AWS. If the ` +
      'store is another, its address belongs into storage.s3.regionendpoint.',
  ];
}

function keyProblems(get: Get): string[] {
  const [access, secret, token] = [get('accesskey'), get('secretkey'), get('sessiontoken')];
  if (access !== undefined && secret !== undefined) return [];
  const alone = access ?? secret;
  if (alone !== undefined) {
    const [there, missing] = access === undefined ? ['secretkey', 'accesskey'] : ['accesskey', 'secretkey'];
    return [
      `storage.s3.${there} (${placeOf(alone.origin)}) is useless without storage.s3.${missing}: set both, or none for the credentials of the environment.`,
    ];
  }
  if (token === undefined) return [];
  return [
    `storage.s3.sessiontoken (${placeOf(token.origin)}) belongs to storage.s3.accesskey and storage.s3.secretkey, which are missing.`,
  ];
}

function accelerateProblems(get: Get): string[] {
  const accelerate = get('accelerate');
  if (accelerate?.value !== true) return [];
  const place = placeOf(accelerate.origin);
  if (get('regionendpoint') !== undefined)
    return [`storage.s3.accelerate (${place}) is of AWS alone: remove it, or storage.s3.regionendpoint.`];
  if (get('forcepathstyle')?.value === true || String(get('bucket')?.value).includes('.')) {
    return [
      `storage.s3.accelerate (${place}) needs the bucket in the name of the host: no dots in storage.s3.bucket, no storage.s3.forcepathstyle.`,
    ];
  }
  return [];
}

/** What works, but should not stay so. */
export function s3Warnings({ values, drivers }: Collected): string[] {
  if (!drivers.has('s3')) return [];
  const get = (name: string) => values.get(`storage.s3.${name}`);
  const warnings: string[] = [];
  const [keyid, skipverify, dualstack] = [get('keyid'), get('skipverify'), get('usedualstack')];
  if (keyid !== undefined && get('encrypt')?.value !== true)
    warnings.push(
      `storage.s3.keyid (${placeOf(keyid.origin)}) does nothing without storage.s3.encrypt: true.`,
    );
  if (skipverify?.value === true) {
    warnings.push(
      `storage.s3.skipverify (${placeOf(skipverify.origin)}) is true: whoever is between here and the store can read the secret and change images.`,
    );
  }
  if (dualstack?.value === true && get('regionendpoint') !== undefined)
    warnings.push(
      `storage.s3.usedualstack (${placeOf(dualstack.origin)}) does nothing with storage.s3.regionendpoint.`,
    );
  return warnings;
}
