/** A key of the reference registry that means nothing here, with the sentence that says why. */
export interface UnneededKey {
  readonly key: string;
  /** Ends "is not needed: …". */
  readonly reason: string;
  /** Names that may stand in it. Undefined: it is a single value. */
  readonly names?: readonly string[];
}

/** A key of the reference registry whose feature does not exist here. */
export interface MissingKey {
  readonly key: string;
  /** A sentence of its own. */
  readonly reason: string;
  /**
   * When it asks for nothing, and so is accepted. `empty`: it is empty or false, all the way down. `switch`: also with
   * `enabled: false` or `disabled: true`. `never`: its presence is enough.
   */
  readonly accepted: 'empty' | 'switch' | 'never';
  /** The value that asks for what is done anyway, and so is accepted too. */
  readonly same?: string;
}

const METADATA = 'what it would keep is in the metadata database';
const AUTHENTICATION = 'It protects nothing. Users sign in by auth.htpasswd or auth.token.';
const DRIVERS =
  'The storage drivers are filesystem, s3 and inmemory. Images come from another by copying, see docs/migrating.md.';
const CERTIFICATES =
  'Certificates are not fetched here: let certbot or another client of ACME write http.tls.certificate and http.tls.key, which are read anew when they change.';
const VALIDATION =
  'URLs of foreign layers are not looked at anyway, and what an index lists must be there unless validation.sparse is true';
const INDEXES = 'All that an index lists must be there, or, with validation.sparse: true, nothing of it.';

const REDIS =
  `addr addrs mastername clientname db protocol username password sentinelusername sentinelpassword maxretries
  minretrybackoff maxretrybackoff dialtimeout readtimeout writetimeout contexttimeoutenabled poolfifo poolsize
  pooltimeout minidleconns maxidleconns maxactiveconns connmaxidletime connmaxlifetime maxredirects readonly
  routebylatency routerandomly disableidentity identitysuffix unstableresp3 tls pool options`.split(/\s+/);

/** Accepted, with one notice each. */
export const unneededKeys: readonly UnneededKey[] = [
  {
    key: 'storage.cache',
    reason: METADATA,
    names: ['blobdescriptor', 'layerinfo', 'blobdescriptorsize'],
  },
  { key: 'log.reportcaller', reason: 'lines of the log do not name places in the source' },
  { key: 'storage.tag', reason: 'the tags of a digest are found by an index', names: ['concurrencylimit'] },
  { key: 'storage.filesystem.maxthreads', reason: 'the number of file operations at once is bounded anyway' },
  { key: 'auth.none', reason: 'nobody has to sign in without it either', names: [] },
  {
    key: 'http.secret',
    reason: 'the state of an upload is in the metadata database, so nothing has to be signed',
  },
  {
    key: 'http.relativeurls',
    reason: 'URLs in answers have no host, whatever it says, unless http.host is set',
  },
  { key: 'http.http2', reason: 'answers are HTTP/1.1 only', names: ['disabled'] },
  { key: 'redis', reason: METADATA, names: REDIS },
  { key: 'validation.enabled', reason: VALIDATION },
  { key: 'validation.disabled', reason: VALIDATION },
];

/** Refused by name, until their features exist. */
export const missingKeys: readonly MissingKey[] = [
  {
    key: 'log.hooks',
    reason: 'Log lines are not sent by mail: let whatever collects the log do that.',
    accepted: 'switch',
  },
  {
    key: 'storage.s3.usefipsendpoint',
    reason: 'Nothing here is validated by FIPS 140, so addresses that are would promise too much.',
    accepted: 'empty',
  },
  ...['gcs', 'azure', 'oss', 'swift'].map((driver) => ({
    key: `storage.${driver}`,
    reason: DRIVERS,
    accepted: 'never' as const,
  })),
  { key: 'auth.silly', reason: AUTHENTICATION, accepted: 'never' },
  {
    key: 'middleware',
    reason: 'There is none. Redirects name another host by storage.s3.redirectendpoint.',
    accepted: 'empty',
  },
  { key: 'http.tls.letsencrypt', reason: CERTIFICATES, accepted: 'empty' },
  {
    key: 'http.h2c',
    reason: 'There is no HTTP/2: let the proxy in front speak HTTP/1.1 to it.',
    accepted: 'switch',
  },
  {
    key: 'proxy',
    reason: 'Other registries cannot be mirrored yet: copy what is needed, see docs/migrating.md.',
    accepted: 'empty',
  },
  {
    key: 'validation.manifests.urls',
    reason: 'Foreign layers are accepted with any URL, and nothing is fetched from there.',
    accepted: 'empty',
  },
  { key: 'validation.manifests.indexes.platforms', reason: INDEXES, accepted: 'empty', same: 'all' },
  { key: 'validation.manifests.indexes.platformlist', reason: INDEXES, accepted: 'empty' },
  {
    key: 'policy',
    reason: 'There are no classes of repositories: images and plugins are all the same.',
    accepted: 'empty',
  },
  {
    key: 'compatibility',
    reason: 'Manifests of schema 1 went away with version 3 of the reference registry.',
    accepted: 'empty',
  },
  {
    key: 'reporting',
    reason: 'Nothing is reported to other services: faults are in the log.',
    accepted: 'empty',
  },
];
