import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import type {
  ExpiringOutcome,
  ListPage,
  ListRequest,
  ObjectBody,
  ObjectRange,
  ObjectStore,
  OpenMultipart,
  StoredObject,
  UploadedPart,
} from '../object-store.js';
import { keyPrefix } from '../bucket-keys.js';
import { deleteKey, deleteKeys } from './batch-delete.js';
import { type ClientTuning, DEFAULT_TUNING, type S3ClientOptions } from './client-options.js';
import { awsProviderChain, CredentialChain } from './credential-chain.js';
import { type CredentialSource, StaticCredentials } from './credentials.js';
import { addressEndpointOf, originOf } from './endpoint.js';
import { deleteExpiring } from './expiring-delete.js';
import { copyInParts } from './large-copy.js';
import { bare, listPages, listUploads } from './listings.js';
import {
  abortUpload,
  completeUpload,
  copyIntoPart,
  copyHeaders,
  createUpload,
  putPart,
} from './multipart-uploads.js';
import { newObjectHeaders, NOTE } from './new-object.js';
import { getObject, headObject } from './read-object.js';
import { Requester } from './requester.js';
import { RetryPolicy } from './retry-policy.js';
import { orOther, StoreFaults } from './store-faults.js';

/** What S3 copies in one request at most, 5 GiB. */
const LARGEST_COPY = 5 * 1024 ** 3;

/** A bucket of AWS, Ceph, MinIO, R2 or whatever else speaks S3. */
export class S3Client implements ObjectStore {
  readonly #options: S3ClientOptions;
  readonly #requester: Requester;
  readonly #faults: StoreFaults;
  readonly #newObject: Readonly<Record<string, string>>;

  /**
   * Connects when it is first used.
   * @param tuning for tests and for whoever counts requests
   */
  constructor(options: S3ClientOptions, tuning: Partial<ClientTuning> = {}, credentials?: CredentialSource) {
    const settled = { ...DEFAULT_TUNING, ...tuning };
    this.#options = options;
    this.#requester = new Requester(
      options,
      settled,
      credentials ?? credentialsOf(options),
      new RetryPolicy(settled),
    );
    this.#faults = new StoreFaults({
      origin: originOf(this.#requester.endpoint),
      bucket: options.bucket,
      region: options.region,
      hasKeys: options.accesskey !== undefined,
    });
    this.#newObject = newObjectHeaders(options);
  }

  async head(key: string): Promise<StoredObject | undefined> {
    return this.#faults.during(`look at ${key}`, async () => headObject(this.#requester, key));
  }

  async get(key: string, range?: ObjectRange, ifMatch?: string): Promise<ObjectBody | undefined> {
    return this.#faults.during(`read ${key}`, async () =>
      getObject(this.#requester, this.#faults, key, range, ifMatch),
    );
  }

  async put(
    key: string,
    content: readonly Uint8Array[],
    note?: string,
  ): Promise<{ readonly etag: string; readonly now: number }> {
    const headers = note === undefined ? this.#newObject : { ...this.#newObject, [NOTE]: note };
    const answer = await this.#faults.during(`put ${key}`, async () =>
      this.#requester.exchange({ method: 'PUT', key, headers, content }),
    );
    return { etag: bare(answer.headers.etag), now: this.#told(answer.now) };
  }

  async copy(from: string, to: string, ifMatch?: string, size?: number): Promise<boolean> {
    const { multipartcopythresholdsize, multipartcopychunksize, multipartcopymaxconcurrency } = this.#options;
    const most = Math.min(multipartcopythresholdsize, LARGEST_COPY);
    if (size !== undefined && size <= most) return this.#copyWhole(from, to, ifMatch);
    const object = await this.head(from);
    if (object === undefined || object.etag !== (ifMatch ?? object.etag)) return false;
    if (object.size <= most) return this.#copyWhole(from, to, ifMatch);
    await copyInParts(this, object, to, {
      chunk: multipartcopychunksize,
      atOnce: multipartcopymaxconcurrency,
    });
    return true;
  }

  async delete(key: string): Promise<void> {
    await this.#faults.during(`delete ${key}`, async () => deleteKey(this.#requester, key));
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    await this.#faults.during(`delete ${keys.length} objects`, async () => deleteKeys(this.#requester, keys));
  }

  list(request: ListRequest): AsyncIterable<ListPage> {
    return listPages(this.#requester, this.#faults, request);
  }

  async createMultipart(key: string): Promise<string> {
    return this.#faults.during(`begin ${key} in parts`, async () =>
      createUpload(this.#requester, key, this.#newObject),
    );
  }

  async uploadPart(
    key: string,
    uploadId: string,
    number: number,
    content: readonly Uint8Array[],
  ): Promise<UploadedPart> {
    return this.#faults.during(`put part ${number} of ${key}`, async () =>
      putPart(this.#requester, { key, uploadId }, number, content),
    );
  }

  async copyPart(
    key: string,
    uploadId: string,
    number: number,
    from: string,
    range?: ObjectRange,
    ifMatch?: string,
  ): Promise<UploadedPart> {
    const source = copyHeaders(this.#options.bucket, from, ifMatch);
    const exact = await this.#exactRange(from, range);
    const part = await this.#faults.during(`copy ${from} into part ${number} of ${key}`, async () =>
      copyIntoPart(this.#requester, { key, uploadId }, number, source, exact),
    );
    // RGW does not look whether it is another; the ETag of the part tells it where the whole object was copied.
    const isProven = ifMatch === undefined || (exact === undefined && part.etag === ifMatch);
    if (!isProven && (await this.head(from))?.etag !== ifMatch) {
      throw this.#faults.broken(`has another object at ${from} than was to be copied.`);
    }
    return part;
  }

  async completeMultipart(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    await this.#faults.during(`complete ${key}`, async () =>
      completeUpload(this.#requester, { key, uploadId }, parts),
    );
  }

  async abortMultipart(key: string, uploadId: string): Promise<void> {
    await this.#faults.during(`abort the parts of ${key}`, async () =>
      abortUpload(this.#requester, { key, uploadId }),
    );
  }

  openMultiparts(prefix: string): AsyncIterable<OpenMultipart> {
    return listUploads(this.#requester, this.#faults, prefix);
  }

  async addressOf(key: string, seconds: number): Promise<string> {
    const endpoint = addressEndpointOf(this.#options);
    return `${originOf(endpoint)}${await this.#requester.presigned(endpoint, { method: 'GET', key }, seconds)}`;
  }

  async deleteUntil(key: string, until: number): Promise<ExpiringOutcome> {
    try {
      return await this.#faults.during(`delete ${key}`, async () =>
        deleteExpiring(this.#requester, key, until),
      );
    } catch (error) {
      // Whatever it was refused for, it was refused: the object is as it was.
      if (error instanceof StorageFault) throw new StorageFault('denied', error.message, error);
      throw error;
    }
  }

  async now(): Promise<number> {
    const { now } = await this.#faults.during('tell the time', async () =>
      this.#requester.exchange({ method: 'HEAD' }),
    );
    return this.#told(now);
  }

  async probe(): Promise<void> {
    const query = { 'list-type': '2', 'max-keys': '1', prefix: keyPrefix(this.#options.rootdirectory) };
    await this.#faults.during(`list the bucket ${this.#options.bucket}`, async () =>
      this.#requester.document({ method: 'GET', query }, 'ListBucketResult'),
    );
  }

  async close(): Promise<void> {
    this.#requester.close();
  }

  async #copyWhole(from: string, to: string, ifMatch: string | undefined): Promise<boolean> {
    const headers = { ...this.#newObject, ...copyHeaders(this.#options.bucket, from, ifMatch) };
    const root = await this.#faults.during(`copy ${from} to ${to}`, async () =>
      orOther(
        this.#requester.document({ method: 'PUT', key: to, headers, isSlow: true }, 'CopyObjectResult'),
      ),
    );
    return root !== undefined;
  }

  /** S3 knows no range without an end. */
  async #exactRange(
    from: string,
    range: ObjectRange | undefined,
  ): Promise<Required<ObjectRange> | undefined> {
    if (range === undefined || (range.start === 0 && range.end === undefined)) return undefined;
    const end = range.end ?? (await this.head(from))?.size;
    if (end === undefined) throw this.#faults.broken(`has no object at ${from} to copy from.`);
    return { start: range.start, end };
  }

  #told(now: number | undefined): number {
    if (now === undefined)
      throw this.#faults.broken('does not tell the time: its answers have no header Date.');
    return now;
  }
}

function credentialsOf({ accesskey, secretkey, sessiontoken, region }: S3ClientOptions): CredentialSource {
  if (accesskey === undefined || secretkey === undefined) {
    return new CredentialChain(async () => awsProviderChain(region));
  }
  return new StaticCredentials({
    accessKeyId: accesskey,
    secretAccessKey: secretkey,
    sessionToken: sessiontoken,
  });
}
