import { createHash } from 'node:crypto';
import type { ObjectRange, UploadedPart } from '../object-store.js';
import { encodeKey } from './endpoint.js';
import { bare } from './listings.js';
import { headObject } from './read-object.js';
import type { Requester } from './requester.js';
import { ConnectionFailed, StoreRefusal } from './store-errors.js';
import { escapeXml } from './xml.js';

/** An upload in parts at its key. */
interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

export async function createUpload(
  requester: Requester,
  key: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const root = await requester.document(
    { method: 'POST', key, query: { uploads: '' }, headers },
    'InitiateMultipartUploadResult',
  );
  const uploadId = root.text('UploadId');
  if (uploadId === undefined) throw new ConnectionFailed('unclear', 'an upload in parts got no id');
  return uploadId;
}

export async function putPart(
  requester: Requester,
  { key, uploadId }: Upload,
  number: number,
  content: readonly Uint8Array[],
): Promise<UploadedPart> {
  const query = { partNumber: String(number), uploadId };
  const { headers } = await requester.exchange({ method: 'PUT', key, query, content });
  return part(number, headers.etag);
}

/** @param source what `copyHeaders` gives */
export async function copyIntoPart(
  requester: Requester,
  { key, uploadId }: Upload,
  number: number,
  source: Readonly<Record<string, string>>,
  range: Required<ObjectRange> | undefined,
): Promise<UploadedPart> {
  const root = await requester.document(
    {
      method: 'PUT',
      key,
      query: { partNumber: String(number), uploadId },
      headers: {
        ...source,
        ...(range === undefined
          ? {}
          : { 'x-amz-copy-source-range': `bytes=${range.start}-${range.end - 1}` }),
      },
      isSlow: true,
    },
    'CopyPartResult',
  );
  return part(number, root.text('ETag'));
}

export async function completeUpload(
  requester: Requester,
  { key, uploadId }: Upload,
  parts: readonly UploadedPart[],
): Promise<void> {
  const listed = parts.map(
    ({ number, etag }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${escapeXml(etag)}&quot;</ETag></Part>`,
  );
  const body = Buffer.from(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${listed.join('')}</CompleteMultipartUpload>`,
  );
  const request = {
    method: 'POST' as const,
    key,
    query: { uploadId },
    headers: { 'content-type': 'application/xml' },
    content: [body],
    isSlow: true,
  };
  try {
    await requester.document(request, 'CompleteMultipartUploadResult');
  } catch (error) {
    const isGone = error instanceof StoreRefusal && error.code === 'NoSuchUpload';
    if (!isGone || !(await isCompleted(requester, key, parts))) throw error;
  }
}

/**
 * Whether the object at the key was made of these parts: an attempt whose answer was lost has done it. Its ETag tells,
 * unless it is encrypted with a key of KMS; then the object is none of ours and the caller begins anew.
 */
async function isCompleted(
  requester: Requester,
  key: string,
  parts: readonly UploadedPart[],
): Promise<boolean> {
  const object = await headObject(requester, key);
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return object?.etag === `${hash.digest('hex')}-${parts.length}`;
}

export async function abortUpload(requester: Requester, { key, uploadId }: Upload): Promise<void> {
  try {
    await requester.exchange({ method: 'DELETE', key, query: { uploadId } });
  } catch (error) {
    if (!(error instanceof StoreRefusal) || error.code !== 'NoSuchUpload') throw error;
  }
}

/** What a copy is made of; when the object is another by then, the store refuses with 412. */
export function copyHeaders(
  bucket: string,
  key: string,
  ifMatch: string | undefined,
): Readonly<Record<string, string>> {
  return {
    'x-amz-copy-source': `${encodeKey(bucket)}/${encodeKey(key)}`,
    ...(ifMatch === undefined
      ? {}
      : {
          'x-amz-copy-source-if-match': `"${ifMatch}"`,
          // RGW knows it by this name only.
          'x-amz-copy-if-match': `"${ifMatch}"`,
        }),
  };
}

function part(number: number, etag: string | undefined): UploadedPart {
  if (etag === undefined) throw new ConnectionFailed('unclear', `part ${number} got no ETag`);
  return { number, etag: bare(etag) };
}
