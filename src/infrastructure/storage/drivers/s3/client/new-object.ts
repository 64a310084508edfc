import type { S3ClientOptions } from './client-options.js';

/** What is noted with an object. */
export const NOTE = 'x-amz-meta-stowage';

/** Headers of every request that makes an object: a put, a copy, the beginning of an upload in parts. */
export function newObjectHeaders({
  encrypt,
  keyid,
  storageclass,
  objectacl,
}: Pick<S3ClientOptions, 'encrypt' | 'keyid' | 'storageclass' | 'objectacl'>): Readonly<
  Record<string, string>
> {
  return {
    'content-type': 'application/octet-stream',
    ...(objectacl === 'private' ? {} : { 'x-amz-acl': objectacl }),
    ...(storageclass === 'NONE' ? {} : { 'x-amz-storage-class': storageclass }),
    ...(encrypt ? encryptionHeaders(keyid) : {}),
  };
}

function encryptionHeaders(keyid: string | undefined): Record<string, string> {
  if (keyid === undefined) return { 'x-amz-server-side-encryption': 'AES256' };
  return {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': keyid,
  };
}
