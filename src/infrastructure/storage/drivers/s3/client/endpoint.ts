import { isIP } from 'node:net';
import type { S3ClientOptions } from './client-options.js';

/** Where the bucket is. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  /** Undefined: the protocol's own. */
  readonly port: number | undefined;
  /** The header `Host`: with the port where it is not the protocol's own. */
  readonly host: string;
  /** Before the key: empty, or begins with a slash and does not end with one. */
  readonly path: string;
}

type EndpointOptions = Pick<
  S3ClientOptions,
  | 'bucket'
  | 'region'
  | 'regionendpoint'
  | 'redirectendpoint'
  | 'forcepathstyle'
  | 'secure'
  | 'usedualstack'
  | 'accelerate'
>;

/** AWS has a domain for each of its partitions; regions tell theirs by how they begin. */
const DOMAINS: readonly (readonly [string, string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
];
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function endpointOf(options: EndpointOptions): Endpoint {
  const base =
    options.regionendpoint === undefined ? ofAws(options) : given(options.regionendpoint, options.secure);
  const inPath = options.forcepathstyle ?? options.regionendpoint !== undefined;
  if (inPath || !fitsHost(options.bucket, base)) return { ...base, path: `${base.path}/${options.bucket}` };
  return {
    ...base,
    hostname: `${options.bucket}.${base.hostname}`,
    host: `${options.bucket}.${base.host}`,
  };
}

/** The same bucket as clients reach it, by scheme and host of `redirectendpoint`. */
export function addressEndpointOf(options: EndpointOptions): Endpoint {
  const endpoint = endpointOf(options);
  if (options.redirectendpoint === undefined) return endpoint;
  return { ...given(options.redirectendpoint, options.secure), path: endpoint.path };
}

export function originOf({ protocol, host }: Endpoint): string {
  return `${protocol}//${host}`;
}

/** Every sign but the unreserved ones of RFC 3986 is written as its bytes: that is what is signed. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeSegment).join('/');
}

function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function ofAws({ region, secure, usedualstack, accelerate }: EndpointOptions): Endpoint {
  const domain = DOMAINS.find(([beginning]) => region.startsWith(beginning))?.[1] ?? 'amazonaws.com';
  const service = accelerate ? 's3-accelerate' : 's3';
  const stack = usedualstack ? '.dualstack' : '';
  return given(`${service}${stack}.${accelerate ? '' : `${region}.`}${domain}`, secure);
}

function given(address: string, secure: boolean): Endpoint {
  const url = new URL(/^https?:\/\//i.test(address) ? address : `${secure ? 'https' : 'http'}://${address}`);
  return {
    protocol: url.protocol === 'http:' ? 'http:' : 'https:',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    host: url.host,
    path: url.pathname.replace(/\/+$/, ''),
  };
}

/** A certificate for `*.host` holds for one label, so over https a bucket's name may have no dot. */
function fitsHost(bucket: string, { protocol, hostname }: Endpoint): boolean {
  if (isIP(hostname) !== 0) return false;
  const labels = bucket.split('.');
  return labels.every((label) => DNS_LABEL.test(label)) && (protocol === 'http:' || labels.length === 1);
}
