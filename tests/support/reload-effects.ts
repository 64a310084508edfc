import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerModule } from 'inversify';
import { expect } from 'vitest';
import type { AccessRecord } from '../../src/application/ports/system/access-log.js';
import type { CollectionRequest } from '../../src/application/services/collection-run.js';
import type { CollectGarbage } from '../../src/application/use-cases/maintenance/collect-garbage.js';
import type { CollectionPermit } from '../../src/application/services/collection-permit.js';
import { TOKENS as T } from '../../src/container/tokens.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import type { Config, HtpasswdAuth, TlsConfig, TokenAuth } from '../../src/infrastructure/config/config.js';
import { loadBcrypt } from '../../src/infrastructure/security/bcrypt.js';
import { SIGNING_ALGORITHMS } from '../../src/infrastructure/security/token/token-options.js';
import { sendOverTls } from './https-client.js';
import type { DeepPartial, InProcessRegistry } from './in-process-registry.js';
import { NOTIFICATION_EFFECTS } from './notification-effects.js';
import { SENDFILE_EFFECTS } from './sendfile-effects.js';
import { imageManifest, pushImage, putManifest } from './registry-actions.js';
import { makeTempDir, type TempDir } from './temp-dir.js';
import { makeCertificates, makeClientCertificate, type TestCertificates } from './test-certificates.js';
import { RecordingLogger } from '../unit/observability/recording-logger.js';
import { claimsOf, signToken } from './token-maker.js';
import { openUpload } from '../contract/metadata/metadata-actions.js';

const DAY = 86_400_000;

export interface Effect {
  /** Before the reload, and after it. */
  readonly configs: readonly [DeepPartial<Config>, DeepPartial<Config>];
  /** What is seen of it. */
  readonly look: (registry: InProcessRegistry) => unknown;
  readonly seen: readonly [unknown, unknown];
}

let temp: TempDir;
let certificates: readonly [TestCertificates, TestCertificates];
let tls: TlsConfig;
const keys = generateKeyPairSync('ed25519');
const records: AccessRecord[] = [];
const requests: CollectionRequest[] = [];

/** Makes the files that configurations name. @returns their folder, to be removed */
export async function prepareFiles(): Promise<TempDir> {
  temp = await makeTempDir();
  certificates = [
    await makeCertificates(join(temp.path, 'one')),
    await makeCertificates(join(temp.path, 'two')),
  ];
  const bcrypt = await loadBcrypt();
  for (const user of ['alice', 'bob']) {
    writeFileSync(join(temp.path, user), `${user}:${await bcrypt.hash(Buffer.from('secret'), 4)}\n`);
  }
  const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'one' };
  writeFileSync(join(temp.path, 'one.json'), JSON.stringify({ keys: [jwk] }));
  writeFileSync(join(temp.path, 'two.json'), JSON.stringify({ keys: [{ ...jwk, kid: 'two' }] }));
  tls = {
    certificate: certificates[0].certificate,
    key: certificates[0].key,
    clientcas: [],
    clientauth: 'require-and-verify-client-cert',
    minimumtls: 'tls1.2',
    ciphersuites: [],
  };
  return temp;
}

/** Lets the effects see what nobody is told over HTTP. */
export const watched = new ContainerModule(({ rebind }) => {
  rebind(T.logger).toConstantValue(new RecordingLogger());
  const collect: Pick<CollectGarbage, 'execute'> = {
    execute: async (request) => {
      requests.push(request);
      const none = { count: 0, bytes: 0 };
      return { manifests: none, blobs: none, links: 0, stopped: false, suspended: undefined } as never;
    },
  };
  rebind(T.collectGarbage).toConstantValue(collect as CollectGarbage);
  rebind(T.collectionPermit).toConstantValue({ refusal: undefined } as CollectionPermit);
  rebind(T.accessLog).toConstantValue({ enabled: true, record: (record) => records.push(record) });
});

const statusOf = (method: string, path: string) => async (of: InProcessRegistry) =>
  (await of.client.send({ method, path })).status;
export const headerOf = (method: string, path: string, name: string) => async (of: InProcessRegistry) =>
  (await of.client.send({ method, path })).headers[name];
const intervalOf = (name: string) => (of: InProcessRegistry) =>
  of.container.getAsync(T.listJobs).then((list) => list().find((job) => job.name === name)?.interval);

const storage = (before: DeepPartial<Config['storage']>, after: DeepPartial<Config['storage']>) =>
  [{ storage: before }, { storage: after }] as const;
const purging = (over: object) => ({ maintenance: { uploadpurging: over } });
const gc = (before: DeepPartial<Config['gc']>, after: DeepPartial<Config['gc']>) =>
  [{ gc: before }, { gc: after }] as const;
const http = (before: DeepPartial<Config['http']>, after: DeepPartial<Config['http']>) =>
  [{ http: before }, { http: after }] as const;

const basic = (user: string) => `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`;
export const byFile = (over: Partial<HtpasswdAuth> = {}): DeepPartial<Config> => ({
  auth: { kind: 'htpasswd', realm: 'one', path: join(temp.path, 'alice'), ...over },
});
const byToken = (over: Partial<TokenAuth> = {}): DeepPartial<Config> => ({
  auth: {
    kind: 'token',
    realm: 'https://one/token',
    service: 'registry.example',
    issuer: 'auth.example',
    rootcertbundle: undefined,
    jwks: join(temp.path, 'one.json'),
    autoredirect: false,
    autoredirectpath: '/one',
    signingalgorithms: SIGNING_ALGORITHMS,
    ...over,
  },
});
export const asAlice = async (of: InProcessRegistry) =>
  (await of.client.send({ path: '/v2/', headers: { authorization: basic('alice') } })).status;
const challenge = headerOf('GET', '/v2/', 'www-authenticate');
const withToken = async (of: InProcessRegistry) => {
  const token = await signToken(claimsOf({}), keys.privateKey, { alg: 'EdDSA', kid: 'one' });
  return (await of.client.send({ path: '/v2/', headers: { authorization: `Bearer ${token}` } })).status;
};

const collectedWith = (name: keyof CollectionRequest) => async (of: InProcessRegistry) => {
  await (await of.container.getAsync(T.collectionJob)).run(new AbortController().signal);
  return requests.at(-1)?.[name];
};

/** Begun two days ago: how many are ended now, and how many are left. */
const purged = async (of: InProcessRegistry) => {
  const sessions = await of.container.getAsync(T.uploadSessions);
  const repository = RepositoryName.parse('a');
  const id = await openUpload(sessions, repository, Date.now() - 2 * DAY);
  const { sessions: ended } = await (await of.container.getAsync(T.purgeUploads)).execute();
  const { status } = await of.client.send({ path: `/v2/a/blobs/uploads/${id.toString()}` });
  return [ended > 0, status];
};

const clientSeen = async (of: InProcessRegistry) => {
  await of.client.send({ path: '/v2/', headers: { 'x-forwarded-for': '192.0.2.7' } });
  return records.at(-1)?.client;
};

/** Whether a client that trusts the first CA, or whatever else it says, is served. */
const served = (ca: 0 | 1, more: object | (() => Promise<object>) = {}) => {
  return async ({ port }: InProcessRegistry) => {
    const options = typeof more === 'function' ? await more() : more;
    try {
      return (await sendOverTls(port, '/v2/', { ca: certificates[ca].ca, ...options })).status;
    } catch {
      return 'refused';
    }
  };
};
const overTls = (before: Partial<TlsConfig>, after: Partial<TlsConfig>) =>
  http({ tls: { ...tls, ...before } }, { tls: { ...tls, ...after } });

export const threeLooks = async (of: InProcessRegistry) => {
  of.container.get(T.storageDriver).probe = async () => {
    throw new Error('no');
  };
  const { watched: checks, status } = of.container.get(T.healthWatch);
  for (let looks = 0; looks < 3; looks += 1) {
    for (const { check } of checks) await check.execute(new AbortController().signal);
  }
  return status.healthy;
};
const checks = (of: InProcessRegistry) =>
  of.container.get(T.healthWatch).watched.map(({ check, interval }) => [check.name, interval]);
export const storagedriver = (over: object) => ({
  health: { storagedriver: { enabled: true, interval: 1, threshold: 3, ...over } },
});

/** For each key that is taken at once. */
export function effects(): Readonly<Record<string, Effect>> {
  const [first, second] = certificates;
  const other = { certificate: second.certificate, key: second.key };
  const file = { file: join(temp.path, 'trouble'), interval: 5, threshold: 1 };
  const probe = { headers: new Map(), statuscode: 200, timeout: 1, interval: 6, threshold: 1 };
  const addr = { written: ':9', host: '127.0.0.1', port: 9 };
  const suite = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';
  const cipher = {
    maxVersion: 'TLSv1.2',
    ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
  };
  const remove = statusOf('DELETE', '/v2/app/manifests/v1');
  const agent = (of: InProcessRegistry) => of.container.get(T.redirects).apply('curl/8');
  return {
    ...NOTIFICATION_EFFECTS,
    ...SENDFILE_EFFECTS,
    'storage.delete.enabled': {
      configs: storage({ delete: { enabled: false } }, { delete: { enabled: true } }),
      look: async (of) => (await pushImage(of.client, 'app', 'v1', 'config'), remove(of)),
      seen: [405, 202],
    },
    'storage.redirect.disable': {
      configs: storage({}, { redirect: { disable: true } }),
      look: agent,
      seen: [true, false],
    },
    'storage.redirect.except': {
      configs: storage({}, { redirect: { except: ['curl/'] } }),
      look: agent,
      seen: [true, false],
    },
    'storage.maintenance.readonly.enabled': {
      configs: storage(
        { maintenance: { readonly: { enabled: true } } },
        { maintenance: { readonly: { enabled: false } } },
      ),
      look: statusOf('POST', '/v2/a/blobs/uploads/'),
      seen: [405, 202],
    },
    'storage.maintenance.uploadpurging.enabled': {
      configs: storage(purging({ enabled: false }), purging({ enabled: true })),
      look: intervalOf('purge uploads'),
      seen: [undefined, DAY],
    },
    'storage.maintenance.uploadpurging.interval': {
      configs: storage({}, purging({ interval: 5_000 })),
      look: intervalOf('purge uploads'),
      seen: [DAY, 5_000],
    },
    'storage.maintenance.uploadpurging.age': {
      configs: storage({}, purging({ age: DAY })),
      look: purged,
      seen: [
        [false, 204],
        [true, 404],
      ],
    },
    'storage.maintenance.uploadpurging.dryrun': {
      configs: storage(purging({ age: DAY }), purging({ age: DAY, dryrun: true })),
      look: purged,
      seen: [
        [true, 404],
        [true, 204],
      ],
    },
    'auth.htpasswd.realm': {
      configs: [byFile(), byFile({ realm: 'two' })],
      look: challenge,
      seen: ['Basic realm="one"', 'Basic realm="two"'],
    },
    'auth.htpasswd.path': {
      configs: [byFile({ path: join(temp.path, 'bob') }), byFile()],
      look: asAlice,
      seen: [401, 200],
    },
    'auth.token.realm': {
      configs: [byFile(), byToken()],
      look: challenge,
      seen: ['Basic realm="one"', 'Bearer realm="https://one/token",service="registry.example"'],
    },
    'auth.token.service': {
      configs: [byToken({ service: 'x' }), byToken()],
      look: withToken,
      seen: [401, 200],
    },
    'auth.token.issuer': {
      configs: [byToken(), byToken({ issuer: 'x' })],
      look: withToken,
      seen: [200, 401],
    },
    'auth.token.jwks': {
      configs: [byToken({ jwks: join(temp.path, 'two.json') }), byToken()],
      look: withToken,
      seen: [401, 200],
    },
    'auth.token.rootcertbundle': {
      configs: [byToken(), byToken({ jwks: undefined, rootcertbundle: first.certificate })],
      look: withToken,
      seen: [200, 401],
    },
    'auth.token.signingalgorithms': {
      configs: [byToken({ signingalgorithms: ['RS256'] }), byToken()],
      look: withToken,
      seen: [401, 200],
    },
    'auth.token.autoredirect': {
      configs: [byToken(), byToken({ autoredirect: true })],
      look: challenge,
      seen: [expect.stringContaining('https://one/token'), expect.stringContaining('/one"')],
    },
    'auth.token.autoredirectpath': {
      configs: [byToken({ autoredirect: true }), byToken({ autoredirect: true, autoredirectpath: '/two' })],
      look: challenge,
      seen: [expect.stringContaining('/one"'), expect.stringContaining('/two"')],
    },
    'gc.enabled': {
      configs: gc({ enabled: true }, { enabled: false }),
      look: intervalOf('collect garbage'),
      seen: [60_000, undefined],
    },
    'gc.interval': {
      configs: gc({ enabled: true }, { enabled: true, interval: 7 }),
      look: intervalOf('collect garbage'),
      seen: [60_000, 7],
    },
    'gc.batch': { configs: gc({ batch: 1 }, { batch: 2 }), look: collectedWith('batch'), seen: [1, 2] },
    'gc.pause': { configs: gc({ pause: 1 }, { pause: 2 }), look: collectedWith('pause'), seen: [1, 2] },
    'gc.untagged.enabled': {
      configs: gc({}, { untagged: { enabled: true } }),
      look: collectedWith('untagged'),
      seen: [false, true],
    },
    'http.host': {
      configs: http({}, { host: 'https://registry.example/' }),
      look: headerOf('POST', '/v2/a/blobs/uploads/', 'location'),
      seen: [expect.stringMatching(/^\/v2\//), expect.stringMatching(/^https:\/\/registry\.example\/v2\//)],
    },
    'http.trustedproxies': {
      configs: http({}, { trustedproxies: ['127.0.0.1'] }),
      look: clientSeen,
      seen: ['127.0.0.1', '192.0.2.7'],
    },
    'http.headers': {
      configs: http({}, { headers: { 'X-Zone': ['b'] } }),
      look: headerOf('GET', '/v2/', 'x-zone'),
      seen: [undefined, 'b'],
    },
    'http.tls.certificate': { configs: overTls({}, other), look: served(1), seen: ['refused', 200] },
    'http.tls.key': { configs: overTls({}, other), look: served(0), seen: [200, 'refused'] },
    'http.tls.clientcas': {
      configs: overTls({ clientcas: [first.authority] }, { clientcas: [second.authority] }),
      look: served(0, () => makeClientCertificate(join(temp.path, 'two'))),
      seen: ['refused', 200],
    },
    'http.tls.minimumtls': {
      configs: overTls({}, { minimumtls: 'tls1.3' }),
      look: served(0, { maxVersion: 'TLSv1.2' }),
      seen: [200, 'refused'],
    },
    'http.tls.ciphersuites': {
      configs: overTls({}, { ciphersuites: [suite] }),
      look: served(0, cipher),
      seen: [200, 'refused'],
    },
    'health.storagedriver.enabled': {
      configs: [{}, storagedriver({})],
      look: checks,
      seen: [[], [['storagedriver_inmemory', 1]]],
    },
    'health.storagedriver.interval': {
      configs: [storagedriver({}), storagedriver({ interval: 9 })],
      look: checks,
      seen: [[['storagedriver_inmemory', 1]], [['storagedriver_inmemory', 9]]],
    },
    'health.storagedriver.threshold': {
      configs: [storagedriver({ threshold: 4 }), storagedriver({})],
      look: threeLooks,
      seen: [true, false],
    },
    'health.file': {
      configs: [{}, { health: { file: [file] } }],
      look: checks,
      seen: [[], [[file.file, 5]]],
    },
    'health.http': {
      configs: [{}, { health: { http: [{ ...probe, uri: 'http://a/' }] } }],
      look: checks,
      seen: [[], [['http://a/', 6]]],
    },
    'health.tcp': {
      configs: [{}, { health: { tcp: [{ addr, timeout: 1, interval: 7, threshold: 1 }] } }],
      look: checks,
      seen: [[], [[':9', 7]]],
    },
    'catalog.maxentries': {
      configs: [{}, { catalog: { maxentries: 2 } }],
      look: statusOf('GET', '/v2/_catalog?n=3'),
      seen: [200, 400],
    },
    'tags.maxtags': {
      configs: [{}, { tags: { maxtags: 1 } }],
      look: async (of) => {
        for (const tag of ['v1', 'v2']) await pushImage(of.client, 'app', tag, 'config');
        const { body } = await of.client.send({ path: '/v2/app/tags/list?n=5' });
        return (JSON.parse(body.toString()) as { tags: string[] }).tags.length;
      },
      seen: [2, 1],
    },
    'validation.sparse': {
      configs: [{}, { validation: { sparse: true } }],
      look: async (of) => (await putManifest(of.client, 'app', 'v1', imageManifest('nothing'))).status,
      seen: [400, 201],
    },
  };
}

/** For a registry that speaks TLS with the first of two certificates, then with the second. */
export function twoCertificates(): readonly [TlsConfig, TlsConfig, { readonly ca: string }] {
  const [{ ca }, { certificate, key }] = certificates;
  return [tls, { ...tls, certificate, key }, { ca }];
}
