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
}

const METADATA = 'what it would keep is in the metadata database';
const AUTHENTICATION = 'It protects nothing. Users sign in by auth.htpasswd or auth.token.';
const DRIVERS = 'The storage drivers are filesystem, s3 and inmemory.';
const CERTIFICATES =
  'Certificates are not fetched here: let certbot or another client of ACME write http.tls.certificate and http.tls.key, which are read anew when they change.';
const LEGACY = 'It went away with version 3 of the reference registry.';

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
];

/** Refused by name, until their features exist. */
export const missingKeys: readonly MissingKey[] = [
  { key: 'log.hooks', reason: 'Log lines are not sent by mail.', accepted: 'switch' },
  { key: 'log.reportcaller', reason: 'Log lines do not name the place in the source.', accepted: 'empty' },
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
  { key: 'middleware', reason: 'There is no middleware.', accepted: 'empty' },
  { key: 'http.tls.letsencrypt', reason: CERTIFICATES, accepted: 'empty' },
  { key: 'http.h2c', reason: 'There is no HTTP/2.', accepted: 'switch' },
  { key: 'proxy', reason: 'Other registries cannot be mirrored yet.', accepted: 'empty' },
  { key: 'validation.enabled', reason: 'Manifests are always validated.', accepted: 'never' },
  { key: 'validation.disabled', reason: 'Manifests are always validated.', accepted: 'empty' },
  {
    key: 'validation.manifests',
    reason: 'Every manifest and blob that a manifest names must be there, unless validation.sparse is true.',
    accepted: 'empty',
  },
  { key: 'policy', reason: 'There are no classes of repositories.', accepted: 'empty' },
  { key: 'compatibility', reason: LEGACY, accepted: 'empty' },
  { key: 'reporting', reason: LEGACY, accepted: 'empty' },
];
