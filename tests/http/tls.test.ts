import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Certificates } from '../../src/container/reload/certificates.js';
import { TOKENS as T } from '../../src/container/tokens.js';
import type { TlsConfig } from '../../src/infrastructure/config/config.js';
import { handshake, sendOverTls } from '../support/https-client.js';
import { digestOf } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import {
  type ClientCertificate,
  makeCertificates,
  makeClientCertificate,
  type TestCertificates,
} from '../support/test-certificates.js';
import { RecordingLogger } from '../unit/observability/recording-logger.js';

describe('the registry over TLS', () => {
  let temp: TempDir;
  let server: TestCertificates;
  let other: TestCertificates;
  /** Signed by the CA of the server, and by one that nobody trusts. */
  let known: ClientCertificate;
  let stranger: ClientCertificate;

  beforeAll(async () => {
    temp = await makeTempDir();
    server = await makeCertificates(join(temp.path, 'server'));
    other = await makeCertificates(join(temp.path, 'other'));
    known = await makeClientCertificate(join(temp.path, 'server'));
    stranger = await makeClientCertificate(join(temp.path, 'other'));
  });
  afterAll(async () => temp.remove());

  async function serve(
    more: Partial<TlsConfig>,
    use: (registry: InProcessRegistry) => Promise<void>,
  ): Promise<void> {
    const tls: TlsConfig = {
      certificate: server.certificate,
      key: server.key,
      clientcas: [],
      clientauth: 'require-and-verify-client-cert',
      minimumtls: 'tls1.2',
      ciphersuites: [],
      ...more,
    };
    const registry = await InProcessRegistry.start({ http: { tls } });
    try {
      await use(registry);
    } finally {
      await registry.stop();
    }
  }

  const trusting = (more: ConnectionOptions = {}): ConnectionOptions => ({ ca: server.ca, ...more });

  it('answers as over TCP, to clients that trust its CA', async () => {
    await serve({}, async ({ port }) => {
      const answer = await sendOverTls(port, '/v2/', trusting());
      expect([answer.status, answer.body.toString()]).toEqual([200, '{}']);
      expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
      await expect(sendOverTls(port, '/v2/', {})).rejects.toThrow('self-signed certificate');
    });
  });

  it('keeps the limits that it has over TCP', async () => {
    await serve({}, async ({ port }) => {
      const headers = { 'x-large': 'a'.repeat(33 * 1024) };
      expect((await sendOverTls(port, '/v2/', trusting(), { headers })).status).toBe(431);
      expect((await sendOverTls(port, '/v2/', trusting(), { method: 'POST' })).status).toBe(405);
    });
  });

  it.each(['GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n', 'POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\n\r\n'])(
    'says in clear that it speaks HTTPS to %j',
    async (request) => {
      await serve({}, async ({ port }) => {
        const answer = await received(port, request);
        expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
        expect(answer).toMatch(
          /\{"errors":\[\{"code":"UNSUPPORTED","message":"this port speaks HTTPS [^"]+"\}\]\}$/,
        );
      });
    },
  );

  it('ends connections that speak something else, and logs no error for it', async () => {
    await serve({}, async ({ port }) => {
      expect(await received(port, 'SSH-2.0-OpenSSH_9.2\r\n')).not.toContain('HTTP');
      expect((await sendOverTls(port, '/v2/', trusting())).status).toBe(200);
    });
  });

  it.each<
    [minimum: TlsConfig['minimumtls'], max: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', spoken: string | undefined]
  >([
    ['tls1.2', 'TLSv1.1', undefined],
    ['tls1.2', 'TLSv1.2', 'TLSv1.2'],
    ['tls1.2', 'TLSv1.3', 'TLSv1.3'],
    ['tls1.3', 'TLSv1.2', undefined],
    ['tls1.3', 'TLSv1.3', 'TLSv1.3'],
  ])('with a minimum of %s speaks to a client of %s: %s', async (minimumtls, maxVersion, spoken) => {
    await serve({ minimumtls }, async ({ port }) => {
      // At level 0 OpenSSL would speak the old versions too.
      const client = trusting({ minVersion: 'TLSv1', maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' });
      expect(await spokenBy(port, client)).toBe(spoken);
    });
  });

  it('offers the chosen suites alone in TLS 1.2, and those of TLS 1.3 all the same', async () => {
    const ciphersuites = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_256_CBC_SHA'];
    await serve({ ciphersuites }, async ({ port }) => {
      const old = (ciphers: string) => spokenBy(port, trusting({ maxVersion: 'TLSv1.2', ciphers }));
      expect(await old('ECDHE-RSA-AES128-GCM-SHA256')).toBe('TLSv1.2');
      expect(await old('AES256-SHA')).toBe('TLSv1.2');
      expect(await old('ECDHE-RSA-AES256-GCM-SHA384')).toBeUndefined();
      expect(await spokenBy(port, trusting())).toBe('TLSv1.3');
    });
  });

  it('offers nothing without forward secrecy when nothing is chosen', async () => {
    await serve({}, async ({ port }) => {
      const old = (ciphers: string) => spokenBy(port, trusting({ maxVersion: 'TLSv1.2', ciphers }));
      expect(await old('ECDHE-RSA-AES256-GCM-SHA384')).toBe('TLSv1.2');
      expect(await old('AES256-GCM-SHA384:AES256-SHA')).toBeUndefined();
    });
  });

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('asks clients of %s for certificates', (version) => {
    const YES = true;
    const NO = false;

    it.each<[TlsConfig['clientauth'], none: boolean, unknown: boolean, known: boolean]>([
      ['request-client-cert', YES, YES, YES],
      ['require-any-client-cert', NO, YES, YES],
      ['verify-client-cert-if-given', YES, NO, YES],
      ['require-and-verify-client-cert', NO, NO, YES],
    ])('%s: none %s, of a CA that is unknown %s, of one in the list %s', async (clientauth, ...expected) => {
      await serve({ clientauth, clientcas: [server.authority] }, async ({ port }) => {
        const served = async (certificate: Partial<ClientCertificate>): Promise<boolean> => {
          const client = trusting({ ...certificate, minVersion: version, maxVersion: version });
          return sendOverTls(port, '/v2/', client).then(
            ({ status }) => status === 200,
            () => false,
          );
        };
        expect([await served({}), await served(stranger), await served(known)]).toEqual(expected);
      });
    });

    it.each(['require-any-client-cert', 'verify-client-cert-if-given'] as const)(
      'and remembers in a session who was let in by %s',
      async (clientauth) => {
        await serve({ clientauth, clientcas: [server.authority] }, async ({ port }) => {
          const client = trusting({ minVersion: version, maxVersion: version });
          const sessions: Buffer[] = [];
          const socket = connectTls({ host: '127.0.0.1', port, ...client, ...known });
          socket.on('session', (session) => sessions.push(session));
          socket.end('GET /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
          expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 200 OK/);
          const [session] = sessions;
          if (session === undefined) throw new Error('the server gave no session');
          expect((await sendOverTls(port, '/v2/', { ...client, session })).status).toBe(200);
        });
      },
    );
  });

  it('asks nobody for a certificate without CAs, whatever clientauth says', async () => {
    await serve({ clientauth: 'require-any-client-cert' }, async ({ port }) => {
      expect((await sendOverTls(port, '/v2/', trusting())).status).toBe(200);
    });
  });

  it('changes its certificate while a transfer runs, which goes on', async () => {
    const live = join(temp.path, 'live');
    await mkdir(live);
    const files = { certificate: join(live, 'server.crt'), key: join(live, 'server.key') };
    await copyFile(server.certificate, files.certificate);
    await copyFile(server.key, files.key);
    await serve(files, async ({ port, container }) => {
      const socket = await handshake(port, trusting());
      const body = Buffer.alloc(200_000, 'stowage ');
      const head = `POST /v2/a/blobs/uploads/?digest=${digestOf(body)} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.write(head);
      socket.write(body.subarray(0, 100_000));

      await copyFile(other.certificate, files.certificate);
      await copyFile(other.key, files.key);
      const logger = new RecordingLogger();
      const tlsFiles = await container.getAsync(T.tlsFiles);
      if (tlsFiles === undefined) throw new Error('the registry has no TLS');
      const httpServer = await container.getAsync(T.httpServer);
      const certificates = new Certificates(tlsFiles, httpServer, container.get(T.clock), logger);
      await certificates.look();
      await certificates.look();
      expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
        ['info', 'certificate was read anew'],
      ]);

      expect((await sendOverTls(port, '/v2/', { ca: other.ca })).status).toBe(200);
      await expect(sendOverTls(port, '/v2/', trusting())).rejects.toThrow('certificate');

      socket.write(body.subarray(100_000));
      expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 201 Created\r\n/);

      // Only one of the pair: what was in force stays so, and the log says why.
      await copyFile(server.key, files.key);
      for (let looks = 0; looks < 3; looks += 1) await certificates.look();
      expect(logger.lines.slice(1)).toEqual([
        {
          level: 'error',
          message: 'certificate was not read anew: the one before stays in force',
          fields: {
            key: 'http.tls.key',
            file: files.key,
            reason: `${files.key} is not the key of the certificate in ${files.certificate}`,
          },
        },
      ]);
      expect((await sendOverTls(port, '/v2/', { ca: other.ca })).status).toBe(200);
    });
  });

  it('cuts a client that never finishes its handshake', async () => {
    await serve({}, async ({ port }) => {
      const silent = connectTcp(port, '127.0.0.1');
      // The head of a record of 16 KiB, and then a byte now and then.
      const slow = connectTcp(port, '127.0.0.1');
      slow.write(Buffer.from([0x16, 0x03, 0x01, 0x3f, 0xff, 0x01, 0x00, 0x3f, 0xfb]));
      const drip = setInterval(() => slow.write(Buffer.from([3])), 500);
      const done = await handshake(port, trusting());
      const ended = await Promise.all([silent, slow].map(textOf));
      clearInterval(drip);
      expect(ended).toEqual(['', '']);
      done.end('GET /v2/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      expect(await textOf(done)).toMatch(/^HTTP\/1\.1 200 OK/);
    });
  });

  it('stops although a client never finishes its handshake', async () => {
    const registry = await InProcessRegistry.start({
      http: {
        tls: {
          certificate: server.certificate,
          key: server.key,
          clientcas: [],
          clientauth: 'request-client-cert',
          minimumtls: 'tls1.2',
          ciphersuites: [],
        },
      },
    });
    const silent = connectTcp(registry.port, '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const ended = once(silent, 'close');
    const server_ = await registry.container.getAsync(T.httpServer);
    expect(await server_.close(50)).toBe(0);
    await ended;
    await registry.stop();
  });
});

async function spokenBy(port: number, tls: ConnectionOptions): Promise<string | undefined> {
  try {
    const socket = await handshake(port, tls);
    const version = socket.getProtocol() ?? undefined;
    socket.destroy();
    return version;
  } catch {
    return undefined;
  }
}

/** What comes back for bytes that are no TLS, until the end. */
async function received(port: number, bytes: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.write(bytes);
  return textOf(socket);
}

async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await new Promise((resolve) => {
    socket.once('close', resolve);
  });
  return Buffer.concat(chunks).toString();
}
