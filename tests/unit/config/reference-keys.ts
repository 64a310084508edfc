/**
 * Every key of the reference registry's configuration, versions 2 and 3, as its code reads them. `[]` stands for the items
 * of a list, `*` for names that the operator chooses. Written down from its documentation and code, not from our schema.
 */
export const referenceKeys: readonly string[] = [
  'version',
  ...below('log', 'level formatter fields.* accesslog.disabled reportcaller'),
  ...below('log.hooks[]', 'disabled type levels options.from options.to'),
  ...below('log.hooks[].options.smtp', 'addr username password insecure'),
  'loglevel',
  ...below('storage.filesystem', 'rootdirectory maxthreads'),
  ...below(
    'storage.s3',
    `accesskey secretkey region regionendpoint redirectendpoint forcepathstyle bucket encrypt keyid secure skipverify
    v4auth chunksize multipartcopychunksize multipartcopymaxconcurrency multipartcopythresholdsize rootdirectory
    storageclass objectacl useragent usedualstack accelerate usefipsendpoint loglevel`,
  ),
  ...below('storage.gcs', 'bucket keyfile credentials.* rootdirectory chunksize maxconcurrency useragent'),
  ...below(
    'storage.azure',
    `accountname accountkey container connectionstring credentials.type credentials.clientid credentials.tenantid
    credentials.secret realm serviceurl rootdirectory max_retries retry_delay skipverify`,
  ),
  ...below(
    'storage.oss',
    'accesskeyid accesskeysecret region endpoint internal bucket encrypt secure chunksize rootdirectory',
  ),
  ...below('storage.swift', 'authurl username password container tenant region prefix'),
  'storage.inmemory',
  'storage.delete.enabled',
  'storage.redirect.disable',
  ...below('storage.cache', 'blobdescriptor layerinfo blobdescriptorsize'),
  'storage.tag.concurrencylimit',
  ...below('storage.maintenance.uploadpurging', 'enabled age interval dryrun'),
  'storage.maintenance.readonly.enabled',
  ...below('auth.silly', 'realm service'),
  ...below(
    'auth.token',
    'realm service issuer rootcertbundle jwks autoredirect autoredirectpath signingalgorithms',
  ),
  ...below('auth.htpasswd', 'realm path'),
  'auth.none',
  ...['registry', 'repository', 'storage'].flatMap((kind) =>
    below(`middleware.${kind}[]`, 'name options.* disabled'),
  ),
  ...below('http', 'addr net host prefix secret relativeurls draintimeout headers.*'),
  ...below('http.tls', 'certificate key clientcas clientauth minimumtls ciphersuites'),
  ...below('http.tls.letsencrypt', 'cachefile email hosts directoryurl'),
  ...below('http.debug', 'addr prometheus.enabled prometheus.path'),
  'http.http2.disabled',
  'http.h2c.enabled',
  'notifications.events.includereferences',
  ...below(
    'notifications.endpoints[]',
    'name disabled url headers.* timeout threshold backoff ignoredmediatypes ignore.mediatypes ignore.actions',
  ),
  ...below(
    'redis',
    `addrs mastername clientname db protocol username password sentinelusername sentinelpassword maxretries
    minretrybackoff maxretrybackoff dialtimeout readtimeout writetimeout contexttimeoutenabled poolfifo poolsize
    pooltimeout minidleconns maxidleconns maxactiveconns connmaxidletime connmaxlifetime maxredirects readonly
    routebylatency routerandomly disableidentity identitysuffix unstableresp3 tls.certificate tls.key tls.rootcas
    addr pool.maxidle pool.maxactive pool.idletimeout`,
  ),
  ...below('health.storagedriver', 'enabled interval threshold'),
  ...below('health.file[]', 'file interval threshold'),
  ...below('health.http[]', 'uri headers.* statuscode timeout interval threshold'),
  ...below('health.tcp[]', 'addr timeout interval threshold'),
  'catalog.maxentries',
  'tags.maxtags',
  ...below('proxy', 'remoteurl username password exec.command exec.lifetime ttl cachewritetimeout'),
  ...below('validation', 'enabled disabled manifests.urls.allow manifests.urls.deny'),
  ...below('validation.manifests.indexes', 'platforms platformlist[].architecture platformlist[].os'),
  'policy.repository.classes',
  ...below('compatibility.schema1', 'trustkey enabled'),
  ...below('reporting', 'bugsnag.apikey bugsnag.releasestage bugsnag.endpoint newrelic.licensekey'),
  ...below('reporting.newrelic', 'name verbose'),
];

function below(section: string, names: string): string[] {
  return names.split(/\s+/).map((name) => `${section}.${name}`);
}

/** The beginnings of keys whose variables follow the names of Go's fields instead. */
const FIELDS: readonly (readonly [key: string, field: string])[] = [
  ['health.file', 'HEALTH_FILECHECKERS'],
  ['health.http', 'HEALTH_HTTPCHECKERS'],
  ['health.tcp', 'HEALTH_TCPCHECKERS'],
  ['notifications.events', 'NOTIFICATIONS_EVENTCONFIG'],
  ['log.hooks[].options', 'LOG_HOOKS_0_MAILOPTIONS'],
];

/** The variable by which the reference registry sets a key: of the first item, of a name `X-Name`. */
export function variableOf(key: string): string {
  const [start, field] = FIELDS.find(([known]) => key.startsWith(known)) ?? ['', ''];
  const rest = key
    .slice(start.length)
    .replaceAll('[]', '_0')
    .replaceAll('.*', '_X-NAME')
    .replaceAll('.', '_');
  return `REGISTRY_${field}${rest.toUpperCase()}`;
}
