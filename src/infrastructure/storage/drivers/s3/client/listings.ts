import type { ListPage, ListRequest, OpenMultipart, StoredObject } from '../object-store.js';
import type { Requester } from './requester.js';
import { ConnectionFailed } from './store-errors.js';
import type { StoreFaults } from './store-faults.js';
import type { XmlElement } from './xml.js';

const PAGE = 1000;

/** Pages of ListObjectsV2, each asked for when the one before was used. */
export async function* listPages(
  requester: Requester,
  faults: StoreFaults,
  { prefix, delimiter, after, most = Infinity }: ListRequest,
): AsyncGenerator<ListPage> {
  let left = most;
  let token: string | undefined;
  while (left > 0) {
    const query = {
      'list-type': '2',
      'encoding-type': 'url',
      prefix,
      ...(left < PAGE ? { 'max-keys': String(left) } : {}),
      ...(delimiter === undefined ? {} : { delimiter }),
      // Some stores take `start-after` amiss beside a token, or where it is empty.
      ...(token === undefined ? (after === undefined ? {} : { 'start-after': after }) : {}),
      ...(token === undefined ? {} : { 'continuation-token': token }),
    };
    const { page, next } = await faults.during(`list ${prefix}`, async () =>
      readPage(await requester.document({ method: 'GET', query }, 'ListBucketResult')),
    );
    left -= page.objects.length + page.prefixes.length;
    yield page;
    if (next === undefined) return;
    token = next;
  }
}

function readPage(root: XmlElement): { readonly page: ListPage; readonly next: string | undefined } {
  const decode = decoderFor(root);
  const objects = root.all('Contents').map((element): StoredObject => {
    return {
      key: decode(required(element, 'Key')),
      size: Number(required(element, 'Size')),
      modifiedAt: Date.parse(required(element, 'LastModified')),
      etag: bare(element.text('ETag')),
    };
  });
  const prefixes = root.all('CommonPrefixes').map((element) => decode(required(element, 'Prefix')));
  const isLast = root.text('IsTruncated') !== 'true';
  return { page: { objects, prefixes }, next: isLast ? undefined : required(root, 'NextContinuationToken') };
}

/** Uploads in parts that were begun and neither completed nor aborted. */
export async function* listUploads(
  requester: Requester,
  faults: StoreFaults,
  prefix: string,
): AsyncGenerator<OpenMultipart> {
  let marker: Readonly<Record<string, string>> | undefined = {};
  while (marker !== undefined) {
    const query: Readonly<Record<string, string>> = {
      // Not encoded: RGW encodes the keys of this list, and does not say that it did.
      uploads: '',
      prefix,
      ...marker,
    };
    const { uploads, next } = await faults.during(`list the uploads below ${prefix}`, async () =>
      readUploads(await requester.document({ method: 'GET', query }, 'ListMultipartUploadsResult')),
    );
    yield* uploads;
    marker = next;
  }
}

function readUploads(root: XmlElement): {
  readonly uploads: readonly OpenMultipart[];
  readonly next: Readonly<Record<string, string>> | undefined;
} {
  const decode = decoderFor(root);
  const uploads = root.all('Upload').map((element): OpenMultipart => {
    return {
      key: decode(required(element, 'Key')),
      uploadId: required(element, 'UploadId'),
      startedAt: Date.parse(required(element, 'Initiated')),
    };
  });
  if (root.text('IsTruncated') !== 'true') return { uploads, next: undefined };
  const next = {
    'key-marker': decode(required(root, 'NextKeyMarker')),
    'upload-id-marker': root.text('NextUploadIdMarker') ?? '',
  };
  return { uploads, next };
}

/** Without quotes. */
export function bare(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}

/** Keys are encoded, since XML cannot say every sign; a store that does not know of it does not say that it did. */
function decoderFor(root: XmlElement): (text: string) => string {
  if (root.text('EncodingType') !== 'url') return (text) => text;
  return (text) => decodeURIComponent(text.replaceAll('+', '%20'));
}

/** An answer that lacks what it must have would hide what is stored. */
function required(element: XmlElement, name: string): string {
  const text = element.text(name);
  if (text === undefined) throw new ConnectionFailed('unclear', `a list came without ${name}`);
  return text;
}
