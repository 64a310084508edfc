import { describe, expect, it } from 'vitest';
import { configured, CWD, file, problemsOf } from './configured.js';

const PAIR = 'certificate: c.pem, key: /etc/k.pem';
/** Sentences without the folder of the file. */
const short = (sentences: readonly string[]) =>
  sentences.map((sentence) => sentence.replace(/\(\S*\/config\.yml/, '(config.yml'));
const tls = (more = '') => file(`http: {tls: {${PAIR}${more}}}`);

describe('http.tls', () => {
  it('has paths from the folder of the start, and the defaults of the reference registry', () => {
    const { config, report } = configured({ yaml: tls(', clientcas: [ca.pem, /etc/ca.pem]') });
    expect(config.http.tls).toEqual({
      certificate: `${CWD}/c.pem`,
      key: '/etc/k.pem',
      clientcas: [`${CWD}/ca.pem`, '/etc/ca.pem'],
      clientauth: 'require-and-verify-client-cert',
      minimumtls: 'tls1.2',
      ciphersuites: [],
    });
    expect(report.warnings).toEqual([]);
  });

  it('is off without a certificate, and when all of it is empty', () => {
    const empty = 'certificate: "", key: "", clientcas: [], clientauth: "", minimumtls: "", ciphersuites: []';
    for (const section of ['', empty, 'letsencrypt: {cachefile: "", hosts: []}']) {
      expect(configured({ yaml: file(`http: {tls: {${section}}}`) }).config.http.tls).toBeUndefined();
    }
  });

  it('keeps the names of cipher suites as they are written', () => {
    const name = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
    const { config, report } = configured({ yaml: tls(`, ciphersuites: [${name}]`) });
    expect(config.http.tls?.ciphersuites).toEqual([name]);
    expect(report.values).toContainEqual(
      expect.objectContaining({ key: 'http.tls.ciphersuites', value: [name] }),
    );
  });

  it('can be given item by item in the environment', () => {
    const env = {
      REGISTRY_HTTP_TLS_CERTIFICATE: '/c',
      REGISTRY_HTTP_TLS_KEY: '/k',
      REGISTRY_HTTP_TLS_CLIENTCAS_0: '/a',
      REGISTRY_HTTP_TLS_CLIENTAUTH: 'request-client-cert',
    };
    expect(configured({ yaml: file(), env }).config.http.tls).toMatchObject({
      certificate: '/c',
      clientcas: ['/a'],
      clientauth: 'request-client-cert',
    });
  });

  it.each([
    ['{certificate: /c}', 'http.tls.certificate (config.yml:3) is useless without http.tls.key: set both.'],
    ['{key: /k}', 'http.tls.key (config.yml:3) is useless without http.tls.certificate: set both.'],
    [
      '{clientcas: [/a]}',
      'http.tls.clientcas (config.yml:3) is useless without http.tls.certificate: set both.',
    ],
    [
      `{${PAIR}, minimumtls: tls1.0}`,
      'http.tls.minimumtls (config.yml:3) must be tls1.2 or tls1.3, but is "tls1.0".',
    ],
    [
      `{${PAIR}, clientauth: yes-please}`,
      expect.stringMatching(/^http\.tls\.clientauth \(config\.yml:3\) must be request-client-cert, /),
    ],
    [
      `{${PAIR}, clientcas: /a}`,
      'http.tls.clientcas (config.yml:3) must be a list of paths, as in [/etc/stowage/clients.crt].',
    ],
    [
      `{${PAIR}, ciphersuites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348]}`,
      expect.stringMatching(
        /"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348", which is none of the cipher suites \(was TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 meant\?\): TLS_RSA_WITH_/,
      ),
    ],
    [
      `{${PAIR}, ciphersuites: [TLS_RSA_WITH_3DES_EDE_CBC_SHA]}`,
      expect.stringContaining('which is no longer safe and not offered: remove it'),
    ],
    [
      `{${PAIR}, letsencrypt: {email: a@example.com}}`,
      expect.stringMatching(
        /^http\.tls\.letsencrypt \(config\.yml:3\) is known, but not supported\. .*certbot/,
      ),
    ],
  ])('refuses %s', (section, problem) => {
    expect(problemsOf({ yaml: file(`http: {tls: ${section}}`) })).toEqual([problem]);
  });

  it.each([
    ['{minimumtls: tls1.3}', 'http.tls.minimumtls (config.yml:3) does nothing without http.tls.certificate.'],
    [
      `{${PAIR}, clientauth: request-client-cert}`,
      'http.tls.clientauth (config.yml:3) does nothing without http.tls.clientcas.',
    ],
    [
      `{${PAIR}, minimumtls: tls1.3, ciphersuites: [TLS_AES_128_GCM_SHA256]}`,
      'http.tls.ciphersuites (config.yml:3) does nothing with http.tls.minimumtls: tls1.3, whose suites cannot be chosen.',
    ],
  ])('warns of %s', (section, warning) => {
    const { report } = configured({ yaml: file(`http: {tls: ${section}}`) });
    expect(short(report.warnings)).toEqual([warning]);
  });
});

describe('http.net and http.addr', () => {
  it.each([
    ['/run/stowage.sock', '/run/stowage.sock'],
    ['run/registry', `${CWD}/run/registry`],
    ['stowage.sock', `${CWD}/stowage.sock`],
  ])('are a socket at %s', (addr, path) => {
    const { config, report } = configured({ yaml: file(`http: {net: unix, addr: ${addr}}`) });
    expect(config.http.addr).toEqual({ path });
    expect(report.warnings).toEqual([]);
  });

  it.each([
    [
      '{net: unix}',
      'http.addr is missing: with http.net: unix (config.yml:3) it names the path of the socket.',
    ],
    [
      '{net: unix, addr: ":5000"}',
      'http.addr (config.yml:3) must be the path of a socket, as in /run/stowage.sock, since http.net is unix (config.yml:3).',
    ],
    [
      '{addr: /run/stowage.sock}',
      'http.addr (config.yml:3) is a path, which belongs to http.net: unix: set that, or write host and port.',
    ],
    ['{net: unix, addr: /run/}', expect.stringContaining('which is the path of a folder')],
    [
      `{net: unix, addr: /${'a'.repeat(107)}}`,
      expect.stringContaining('which is a path of 108 bytes, and the longest of a socket is 107'),
    ],
  ])('refuse %s', (section, problem) => {
    expect(problemsOf({ yaml: file(`http: ${section}`) })).toEqual([problem]);
  });

  it('take a path of 107 bytes', () => {
    const path = `/${'a'.repeat(106)}`;
    expect(configured({ yaml: file(`http: {net: unix, addr: ${path}}`) }).config.http.addr).toEqual({ path });
  });
});

describe('http.host', () => {
  it.each([
    ['https://registry.example.com', 'https://registry.example.com/'],
    ['https://registry.example.com:8443/', 'https://registry.example.com:8443/'],
    ['http://[::1]:5000/team/registry/', 'http://[::1]:5000/team/registry/'],
  ])('takes %s', (written, kept) => {
    expect(configured({ yaml: file(`http: {host: "${written}"}`) }).config.http.host).toBe(kept);
  });

  it.each([
    'registry.example.com',
    'registry.example.com:5000',
    'ftp://registry.example.com',
    'https://',
    'https://user:secret@registry.example.com',
    'https://registry.example.com/registry',
    'https://registry.example.com/?a=b',
  ])('refuses %s, and does not repeat what may hold a secret', (written) => {
    expect(problemsOf({ yaml: file(`http: {host: "${written}"}`) })).toEqual([
      'http.host (config.yml:3) must be scheme and host, as in https://registry.example.com, and a path only with a slash at its end.',
    ]);
  });

  it('is warned of when it lacks the prefix, since it is all that URLs begin with', () => {
    const warnings = (host: string) =>
      short(configured({ yaml: file(`http: {host: "${host}", prefix: /registry/}`) }).report.warnings);
    expect(warnings('https://a.example')).toEqual([
      'http.host (config.yml:3) has no path, so URLs in answers do not carry http.prefix: if clients see the registry below it, write https://a.example/registry/.',
    ]);
    expect(warnings('https://a.example/registry/')).toEqual([]);
  });
});

describe('http.prefix', () => {
  it.each([
    ['/', '/'],
    ['/registry', '/registry/'],
    ['/a/b-c.d~e/', '/a/b-c.d~e/'],
  ])('takes %s', (written, kept) => {
    expect(configured({ yaml: file(`http: {prefix: ${written}}`) }).config.http.prefix).toBe(kept);
  });

  it.each(['registry', '//', '/a//b/', '/a/../b/', '/./', '/a b/', '/a?b/', '/a%2fb/'])(
    'refuses %s',
    (written) => {
      expect(problemsOf({ yaml: file(`http: {prefix: "${written}"}`) })).toEqual([
        'http.prefix (config.yml:3) must be a path that begins with /, as in /registry/.',
      ]);
    },
  );
});

describe('http.trustedproxies', () => {
  it('takes addresses, networks and the socket', () => {
    const written = ['10.0.0.0/8', '192.0.2.1', '::1', '2001:db8::/32', 'unix'];
    const yaml = file(`http: {trustedproxies: ${JSON.stringify(written)}}`);
    expect(configured({ yaml }).config.http.trustedproxies).toEqual(written);
  });

  it.each(['proxy.example.com', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.0/8/8', '*'])(
    'refuses %s',
    (written) => {
      expect(problemsOf({ yaml: file(`http: {trustedproxies: ["${written}"]}`) })).toEqual([
        `http.trustedproxies (config.yml:3) has "${written}", which is no address, no network and not unix.`,
      ]);
    },
  );
});

describe('http.relativeurls', () => {
  it.each(['true', 'false'])('is accepted as %s, with one notice', (value) => {
    const { report } = configured({ yaml: file(`http: {relativeurls: ${value}}`) });
    expect(short(report.notices)).toEqual([
      'http.relativeurls (config.yml:3) is not needed: URLs in answers have no host, whatever it says, unless http.host is set.',
    ]);
  });
});
