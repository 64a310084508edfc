import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendOverTls } from '../support/https-client.js';
import { digestOf, HttpClient } from '../support/http-client.js';
import { IMAGE_TOOLS, ensureImages } from '../support/images.js';
import { OciLayout, servedDigests } from '../support/oci-layout.js';
import { runProgram, succeed, type Ended } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry, type RegistryOptions } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, tool } from '../support/tools.js';

let temp: TempDir;
let registry: RunningRegistry | undefined;

beforeEach(async () => {
  temp = await makeTempDir();
});
afterEach(async () => {
  await registry?.kill9();
  registry = undefined;
  await temp.remove();
});

const stowage = async (...words: readonly string[]): Promise<Ended> =>
  runProgram(process.execPath, [PROGRAM, ...words], { cwd: temp.path, timeout: 20_000 });

async function certify(out: string): Promise<string> {
  const words = `tls self-signed --host localhost --host 127.0.0.1 --out ${out}`;
  const { exitCode, stderr } = await stowage(...words.split(' '));
  expect([exitCode, stderr]).toEqual([0, '']);
  return readFile(join(temp.path, out, 'ca.crt'), 'utf8');
}

/** On the files in the folder `tls` below the working folder of the program. */
async function serve(options: Partial<RegistryOptions> = {}): Promise<RunningRegistry> {
  const ca = await certify('tls');
  const tls = { certificate: 'tls/server.crt', key: 'tls/server.key' };
  const { settings = {}, ...others } = options;
  const http = { tls, ...settings['http'] };
  registry = await RunningRegistry.start({
    folder: temp.path,
    ca,
    settings: { ...settings, http },
    ...others,
  });
  return registry;
}

describe('the program over TLS', () => {
  it('says that it listens by https, and serves and stops as ever', async () => {
    const served = await serve({ settings: { log: { level: 'info' } } });
    await served.says(`Stowage listens on https://127.0.0.1:${served.port} and stores in `);
    await served.says(`"address":"https://127.0.0.1:${served.port}"`);
    const body = 'a layer';
    const path = `/v2/a/blobs/uploads/?digest=${digestOf(body)}`;
    expect((await served.client.send({ method: 'POST', path, body })).status).toBe(201);
    expect(await served.stop()).toBe(0);
  });

  it('takes a changed certificate by itself, and keeps the old one when the new one is broken', async () => {
    const served = await serve({ settings: { log: { level: 'info' } } });
    const ca = await certify('next');
    for (const name of ['server.crt', 'server.key']) {
      await copyFile(join(temp.path, 'next', name), join(temp.path, 'tls', name));
    }
    await served.says('certificate was read anew');
    expect((await sendOverTls(served.port, '/v2/', { ca })).status).toBe(200);

    await writeFile(join(temp.path, 'tls/server.key'), 'no key');
    const line = await served.says('certificate was not read anew');
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      key: 'http.tls.key',
      file: join(temp.path, 'tls/server.key'),
      reason: `${join(temp.path, 'tls/server.key')} holds no private key in PEM`,
    });
    expect((await sendOverTls(served.port, '/v2/', { ca })).status).toBe(200);
  });

  it.each([
    [
      'a certificate that is not there',
      async () => ({ certificate: 'x.crt' }),
      (folder: string) => `http.tls.certificate (config.yml:5): ${folder}/x.crt does not exist.`,
    ],
    [
      'a pair that does not fit',
      async () => {
        await certify('other');
        return { key: 'other/server.key' };
      },
      (folder: string) =>
        `http.tls.key (config.yml:6): ${folder}/other/server.key is not the key of the certificate in ${folder}/tls/server.crt.`,
    ],
    [
      'CAs that are none',
      async () => ({ clientcas: ['config.yml'] }),
      (folder: string) =>
        `http.tls.clientcas (config.yml:7): ${folder}/config.yml holds no certificate in PEM.`,
    ],
  ])('does not start with %s, and says why in one sentence', async (_what, change, sentence) => {
    await certify('tls');
    const tls = { certificate: 'tls/server.crt', key: 'tls/server.key', ...(await change()) };
    const lines = Object.entries(tls).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}`);
    const yaml = [
      'version: 0.1',
      'storage: {filesystem: {rootdirectory: data}}',
      'http:',
      '  tls:',
      ...lines,
    ];
    await writeFile(join(temp.path, 'config.yml'), `${yaml.join('\n')}\n`);
    const { exitCode, stdout, stderr } = await stowage('serve', 'config.yml');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence(temp.path));
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('the program on a socket', () => {
  const onSocket = async (): Promise<RunningRegistry> => {
    const socket = join(temp.path, 'registry.sock');
    const http = { net: 'unix', addr: socket };
    return RunningRegistry.start({ folder: join(temp.path, 'registry'), socket, settings: { http } });
  };

  it('serves, says so, and takes the socket with it when it stops', async () => {
    registry = await onSocket();
    const socket = join(temp.path, 'registry.sock');
    await registry.says(`Stowage listens on http+unix:${socket} and stores in `);
    const client = new HttpClient({ socketPath: socket });
    expect((await client.send({ path: '/v2/' })).status).toBe(200);
    client.close();
    expect(await registry.stop()).toBe(0);
    await expect(readFile(socket)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('starts again where it was killed, and not where another one listens', async () => {
    registry = await onSocket();
    await registry.kill9();
    await registry.start();
    const socket = join(temp.path, 'registry.sock');
    const yaml = `version: 0.1\nstorage: inmemory\nhttp: {net: unix, addr: ${socket}}\n`;
    await writeFile(join(temp.path, 'second.yml'), yaml);
    const { exitCode, stderr } = await stowage('serve', 'second.yml');
    expect([exitCode, stderr]).toEqual([
      1,
      `stowage: http.addr: ${socket} is in use by another program; stop that one, or name another path.\n`,
    ]);
    expect((await registry.client.send({ path: '/v2/' })).status).toBe(200);
  });
});

describe('the program behind a proxy', () => {
  it('names the client that a trusted proxy has seen in its access log, and nobody else', async () => {
    const log = { level: 'info', accesslog: { disabled: false } };
    const headers = { 'x-forwarded-for': '198.51.100.1, 192.0.2.7' };
    for (const [proxies, client] of [
      [['127.0.0.0/8'], '192.0.2.7'],
      [[], '127.0.0.1'],
    ] as const) {
      const port = await freePort();
      registry = await RunningRegistry.start({
        folder: join(temp.path, client),
        port,
        settings: { log, http: { addr: `127.0.0.1:${port}`, trustedproxies: proxies } },
      });
      await registry.client.send({ path: `/v2/seen-from/${client}`, headers });
      const line = await registry.says(`/v2/seen-from/${client}`);
      expect(JSON.parse(line)).toMatchObject({ client });
      await registry.stop();
    }
  });
});

describeWith({ tools: ['curl'] }, 'curl over TLS', () => {
  it('is served below a prefix, with URLs of the host that is configured', async () => {
    const served = await serve();
    await served.stop();
    const host = `https://localhost:${served.port}/registry/`;
    const ca = join(temp.path, 'tls/ca.crt');
    registry = await RunningRegistry.start({
      folder: temp.path,
      ca: await readFile(ca, 'utf8'),
      port: served.port,
      settings: {
        http: { host, prefix: '/registry/', tls: { certificate: 'tls/server.crt', key: 'tls/server.key' } },
      },
      readyPath: '/registry/v2/',
    });
    await writeFile(join(temp.path, 'layer'), 'a layer');
    const begun = await succeed('curl', [
      '-sS',
      '--cacert',
      ca,
      '-i',
      '-X',
      'POST',
      `${host}v2/a/blobs/uploads/`,
    ]);
    const location = /^location: (\S+)/im.exec(begun)?.[1] ?? '';
    expect(location.startsWith(`${host}v2/a/blobs/uploads/`)).toBe(true);
    const put = `${location}&digest=${digestOf('a layer')}`;
    const words = ['-sS', '--cacert', ca, '-w', '%{http_code}', '-T', 'layer', put];
    expect(await succeed('curl', words, { cwd: temp.path })).toBe('201');
  });
});

describeWith({ tools: [...IMAGE_TOOLS, 'crane', 'skopeo'] }, 'clients over TLS', () => {
  it('push and pull with the CA that was made for a trial', async () => {
    const served = await serve();
    const images = await ensureImages();
    const sent = await new OciLayout(join(images, 'busybox')).verifiedDigests('1');
    const ca = join(temp.path, 'tls/ca.crt');

    const trusting = { cwd: temp.path, env: { SSL_CERT_FILE: ca } };
    await succeed(
      tool('crane'),
      ['push', join(images, 'busybox'), `${served.host}/crane/busybox:1`],
      trusting,
    );
    expect(await servedDigests(served.client, 'crane/busybox', '1')).toEqual(sent);

    await mkdir(join(temp.path, 'certs'));
    await copyFile(ca, join(temp.path, 'certs/ca.crt'));
    const remote = `docker://${served.host}/skopeo/busybox:1`;
    const skopeo = (...words: string[]) =>
      succeed(tool('skopeo'), ['--insecure-policy', 'copy', '--quiet', ...words], { cwd: temp.path });
    await skopeo('--dest-cert-dir', 'certs', `oci:${join(images, 'busybox')}:1`, remote);
    await skopeo('--src-cert-dir', 'certs', remote, 'oci:back:1');
    expect(await new OciLayout(join(temp.path, 'back')).verifiedDigests('1')).toEqual(sent);
  });
});
