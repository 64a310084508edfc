import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  compareSettings,
  type ComparedSettings,
} from '../../../src/infrastructure/config/compare-settings.js';
import { settingsOf } from '../../../src/infrastructure/config/key-tree.js';
import { describeReload, reloadOf } from '../../../src/infrastructure/config/reload-of-keys.js';
import { toConfig } from '../../../src/infrastructure/config/to-config.js';
import { configured, file } from './configured.js';

const TLS = 'http: {tls: {certificate: a.crt, key: a.key}}';

function compared(before: readonly string[], after: readonly string[]): ComparedSettings {
  const [one, other] = [before, after].map((lines) => configured({ yaml: file(...lines) }).settings);
  if (one === undefined || other === undefined) throw new Error('there are two');
  return compareSettings(one, other);
}

describe('whether a key can change while the registry runs', () => {
  it.each([...settingsOf()].map(([key]) => key))('is decided for %s, and documented', (key) => {
    expect(['at once', 'restart']).toContain(reloadOf(key));
    const documented = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');
    const [, section = ''] = documented.split(`### \`${key}\`\n`);
    expect(section.split('\n### ')[0]).toContain(`- Reload: ${describeReload(key)}\n`);
  });

  it('is not guessed for a key that nobody has thought of', () => {
    expect(() => reloadOf('http.colour')).toThrow('http.colour');
  });
});

describe('one configuration beside another', () => {
  it('differs in nothing from the same one, also in lists and maps', () => {
    const lines = ['log: {fields: {a: {b: 1}}}', 'http: {headers: {X-A: [b]}, trustedproxies: [10.0.0.0/8]}'];
    expect(compared(lines, lines)).toMatchObject({ changed: [], restart: [] });
  });

  it('is named key by key, in the order of the schema', () => {
    const { changed, restart } = compared(
      ['gc: {grace: 1h}', 'log: {level: info}'],
      [
        'gc: {grace: 2h, interval: 5s}',
        'log: {level: warn, formatter: text}',
        'http: {addr: ":80", host: "https://a"}',
      ],
    );
    expect(changed).toEqual(['log.level', 'gc.interval', 'http.host']);
    expect(restart).toEqual(['log.formatter', 'gc.grace', 'http.addr']);
  });

  it('is in force but for the keys that need a restart, which are named again the next time', () => {
    const after = ['log: {level: warn}', 'http: {addr: ":80"}'];
    const { inForce } = compared([], after);
    expect(toConfig(inForce)).toMatchObject({
      log: { level: 'warn' },
      http: { addr: { host: '127.0.0.1', port: 5000 } },
    });
    const again = compareSettings(inForce, configured({ yaml: file(...after) }).settings);
    expect(again).toMatchObject({ changed: [], restart: ['http.addr'] });
    expect(
      compareSettings(inForce, configured({ yaml: file('log: {level: warn}') }).settings).restart,
    ).toEqual([]);
  });

  it('lets nobody in without a name before the restart that what protects instead has to wait for', () => {
    const users = 'auth: {htpasswd: {realm: a, path: b}}';
    const without = compared([users, 'http: {addr: ":5000"}'], ['http: {addr: "127.0.0.1:5000"}']);
    expect(without).toMatchObject({
      changed: [],
      restart: ['auth.htpasswd.realm', 'auth.htpasswd.path', 'http.addr'],
    });
    expect(toConfig(without.inForce).auth).toMatchObject({ kind: 'htpasswd' });
    expect(compared([], [users]).restart).toEqual([]);
    const server = 'auth: {token: {realm: "https://a/", service: b, issuer: c, jwks: d}}';
    expect(compared([users], [server]).restart).toEqual([]);
  });

  it('waits for a restart as a whole where TLS is switched on or off', () => {
    const on = compared([], ['http: {tls: {certificate: a.crt, key: a.key, minimumtls: tls1.3}}']);
    expect(on).toMatchObject({
      changed: [],
      restart: ['http.tls.certificate', 'http.tls.key', 'http.tls.minimumtls'],
    });
    expect(toConfig(on.inForce).http.tls).toBeUndefined();
    expect(compared([TLS], []).restart).toEqual(['http.tls.certificate', 'http.tls.key']);
  });

  it('takes other files of TLS at once, and waits where clients were not asked for certificates before', () => {
    const with_ = (more: string) => [`http: {tls: {certificate: b.crt, key: b.key, ${more}}}`];
    expect(compared([TLS], with_('ciphersuites: []'))).toMatchObject({
      changed: ['http.tls.certificate', 'http.tls.key'],
      restart: [],
    });
    expect(compared([TLS], with_('clientcas: [ca.crt], clientauth: request-client-cert'))).toMatchObject({
      restart: ['http.tls.clientcas', 'http.tls.clientauth'],
    });
    expect(compared(with_('clientcas: [ca.crt]'), with_('clientcas: [ca.crt, cb.crt]'))).toMatchObject({
      changed: ['http.tls.clientcas'],
      restart: [],
    });
  });

  it('switches from one way to sign in to another at once', () => {
    const { changed, restart, inForce } = compared(
      ['auth: {htpasswd: {realm: a, path: /users}}'],
      ['auth: {token: {realm: "https://a/token", service: a, issuer: a, jwks: /keys.json}}'],
    );
    expect(restart).toEqual([]);
    expect(changed).toContain('auth.htpasswd.path');
    expect(toConfig(inForce).auth).toMatchObject({ kind: 'token', jwks: '/keys.json' });
  });
});
