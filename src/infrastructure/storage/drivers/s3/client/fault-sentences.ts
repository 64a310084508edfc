import {
  StorageFault,
  type StorageFaultKind,
} from '../../../../../application/ports/storage/storage-fault.js';
import { ConnectionFailed, mayPass, StoreRefusal } from './store-errors.js';

/** What a sentence says of the store. */
export interface StoreNames {
  /** `https://s3.example.com` */
  readonly origin: string;
  readonly bucket: string;
  readonly region: string;
  /** Whether the keys are those of the configuration. */
  readonly hasKeys: boolean;
}

interface Sentence {
  readonly kind: StorageFaultKind;
  readonly text: string;
}

type Sentences = Readonly<Record<string, (names: StoreNames, refusal: StoreRefusal) => Sentence>>;

/**
 * What a call has thrown, as the fault of storage that it is; anything else as it was.
 * @param doing what was tried, as in `put docker/registry/…`
 */
export function toStorageFault(error: unknown, doing: string, names: StoreNames): unknown {
  if (error instanceof StoreRefusal) return ofRefusal(error, doing, names);
  if (error instanceof ConnectionFailed) {
    return new StorageFault('unavailable', `S3 failed to ${doing}: ${ofConnection(error, names)}`, error);
  }
  return error;
}

function ofRefusal(refusal: StoreRefusal, doing: string, names: StoreNames): StorageFault {
  const known = KNOWN[refusal.code] ?? (refusal.code.startsWith('KMS.') ? ofKms : undefined);
  const sentence = known?.(names, refusal) ?? ofStatus(refusal, names);
  return new StorageFault(sentence.kind, `S3 refused to ${doing}: ${sentence.text}`, refusal);
}

const ofRegion: Sentences[string] = ({ region, bucket }, refusal) => {
  const right = refusal.region ?? /expecting '([^']+)'/.exec(refusal.message)?.[1];
  const change = right === undefined ? 'change' : `set it to ${right}, or change`;
  return unavailable(
    `the bucket ${bucket} is not in storage.s3.region, which is ${region}: ${change} storage.s3.regionendpoint if ` +
      `the store is another (${told(refusal)}).`,
  );
};

const ofToken: Sentences[string] = (names, refusal) =>
  unavailable(
    names.hasKeys
      ? `storage.s3.sessiontoken is expired or does not belong to storage.s3.accesskey (${told(refusal)}).`
      : `the temporary credentials that were found are expired or not valid (${told(refusal)}).`,
  );

const ofKms: Sentences[string] = (_names, refusal) => ({
  kind: 'denied',
  text: `the key of encryption that storage.s3.keyid names cannot be used (${told(refusal)}).`,
});

const ofSpace: Sentences[string] = ({ bucket }, refusal) => ({
  kind: 'full',
  text: `there is no more room for the bucket ${bucket} (${told(refusal)}).`,
});

const ofStyle: Sentences[string] = (_names, refusal) =>
  unavailable(
    `it wants the bucket in the name of the host: set storage.s3.forcepathstyle to false (${told(refusal)}).`,
  );

const KNOWN: Sentences = {
  InvalidAccessKeyId: (names) =>
    unavailable(
      names.hasKeys
        ? `${names.origin} does not know the access key: correct storage.s3.accesskey.`
        : `${names.origin} does not know the access key that was found in the environment: correct it, or set ` +
            'storage.s3.accesskey and storage.s3.secretkey.',
    ),
  SignatureDoesNotMatch: (names) =>
    unavailable(
      names.hasKeys
        ? 'the secret key does not belong to the access key: correct storage.s3.secretkey.'
        : 'the secret key that was found in the environment does not belong to its access key.',
    ),
  NoSuchBucket: ({ origin, bucket }) =>
    unavailable(`there is no bucket ${bucket} at ${origin}: make it, or correct storage.s3.bucket.`),
  InvalidBucketName: ({ bucket }) =>
    unavailable(`${bucket} can be no bucket's name: correct storage.s3.bucket.`),
  PermanentRedirect: ofRegion,
  TemporaryRedirect: ofRegion,
  AuthorizationHeaderMalformed: ofRegion,
  AuthorizationQueryParametersError: ofRegion,
  IllegalLocationConstraintException: ofRegion,
  InvalidRegion: ofRegion,
  RequestTimeTooSkewed: (_names, { now }) =>
    unavailable(
      `the clock of this machine is wrong: it says ${clock(Date.now())}` +
        `${now === undefined ? '' : `, the store ${clock(now)}`}. Set it, and let NTP keep it.`,
    ),
  ExpiredToken: ofToken,
  InvalidToken: ofToken,
  TokenRefreshRequired: ofToken,
  AccessDenied: ({ bucket, hasKeys }, refusal) => ({
    kind: 'denied',
    text:
      `the policy of ${hasKeys ? 'storage.s3.accesskey' : 'the credentials that were found'} does not allow it in ` +
      `the bucket ${bucket} (${told(refusal)}). docs/operations.md has the policy that is needed.`,
  }),
  AccessControlListNotSupported: (_names, refusal) =>
    unavailable(`the bucket takes no access lists: set storage.s3.objectacl to private (${told(refusal)}).`),
  InvalidStorageClass: (_names, refusal) =>
    unavailable(`it has no such class: correct storage.s3.storageclass (${told(refusal)}).`),
  QuotaExceeded: ofSpace,
  XMinioStorageFull: ofSpace,
  InsufficientCapacity: ofSpace,
  InsufficientStorage: ofSpace,
  SecondLevelDomainForbidden: ofStyle,
  PathStyleDomainForbidden: ofStyle,
};

function ofStatus(refusal: StoreRefusal, names: StoreNames): Sentence {
  const { status, region } = refusal;
  if (status === 301 || status === 307 || (region !== undefined && region !== names.region)) {
    return ofRegion(names, refusal);
  }
  if (status === 507) return ofSpace(names, refusal);
  if (/HTTP request to an HTTPS server|plain HTTP request was sent/i.test(refusal.message)) {
    return unavailable(
      `${names.origin} speaks TLS: set storage.s3.secure to true, or write https in storage.s3.regionendpoint.`,
    );
  }
  const kind = status === 401 || status === 403 ? 'denied' : mayPass(refusal) ? 'unavailable' : 'broken';
  return { kind, text: `${names.origin} answered ${told(refusal)}.` };
}

function ofConnection({ fault, code, message }: ConnectionFailed, { origin, bucket }: StoreNames): string {
  if (fault === 'untrusted') return ofTls(code, message, origin);
  if (fault === 'unreachable') {
    const host = code === 'ENOTFOUND' ? 'there is no such host' : 'nobody answers there';
    return `${origin} cannot be reached, ${host} (${code}): correct storage.s3.regionendpoint, or start the store.`;
  }
  if (fault === 'unclear')
    return `${origin} does not answer as S3 does (${message}): look at storage.s3.regionendpoint.`;
  return `the connection to ${origin} failed for the bucket ${bucket} (${message}).`;
}

function ofTls(code: string, message: string, origin: string): string {
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return `${origin} does not speak TLS (${code}): set storage.s3.secure to false, or write http in storage.s3.regionendpoint.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return (
      `the certificate of ${origin} is for another name (${message}): correct storage.s3.regionendpoint, set ` +
      'storage.s3.forcepathstyle to true, or set storage.s3.skipverify to true.'
    );
  }
  return (
    `the certificate of ${origin} is not trusted (${code}): name the file of its authority in NODE_EXTRA_CA_CERTS, or ` +
    'set storage.s3.skipverify to true.'
  );
}

/** It concerns the whole store, so it says nothing of one object. */
function unavailable(text: string): Sentence {
  return { kind: 'unavailable', text };
}

function told({ status, code, message }: StoreRefusal): string {
  const name = code === '' ? `HTTP ${status}` : `HTTP ${status}, ${code}`;
  return message === '' || message === code ? name : `${name}: ${message.replace(/\.$/, '')}`;
}

function clock(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
