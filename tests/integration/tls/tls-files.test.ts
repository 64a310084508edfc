import { generateKeyPairSync } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TlsConfig } from '../../../src/infrastructure/config/config.js';
import { TlsFiles } from '../../../src/infrastructure/tls/tls-files.js';
import { TlsFileRefused } from '../../../src/infrastructure/tls/tls-file-refused.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import {
  makeCertificates,
  makeClientCertificate,
  type TestCertificates,
} from '../../support/test-certificates.js';

describe('the files of http.tls', () => {
  let temp: TempDir;
  let one: TestCertificates;
  let two: TestCertificates;
  let live: string;
  let config: TlsConfig;
  let runs = 0;

  beforeAll(async () => {
    temp = await makeTempDir();
    one = await makeCertificates(join(temp.path, 'one'));
    two = await makeCertificates(join(temp.path, 'two'));
  });
  afterAll(async () => temp.remove());

  beforeEach(async () => {
    runs += 1;
    live = join(temp.path, `live-${runs}`);
    await mkdir(live);
    await copyFile(one.certificate, join(live, 'server.crt'));
    await copyFile(one.key, join(live, 'server.key'));
    await copyFile(one.authority, join(live, 'ca.crt'));
    config = {
      certificate: join(live, 'server.crt'),
      key: join(live, 'server.key'),
      clientcas: [join(live, 'ca.crt')],
      clientauth: 'require-and-verify-client-cert',
      minimumtls: 'tls1.2',
      ciphersuites: [],
    };
  });

  it('are what a server needs', async () => {
    const { context } = (await TlsFiles.load(config)).inForce;
    expect(context).toMatchObject({
      cert: await readFile(one.certificate, 'utf8'),
      key: await readFile(one.key, 'utf8'),
      minVersion: 'TLSv1.2',
    });
    expect(context.ca).toHaveLength(1);
    const strict = { ...config, clientcas: [], minimumtls: 'tls1.3' as const };
    const { context: other } = (await TlsFiles.load(strict)).inForce;
    expect(other.minVersion).toBe('TLSv1.3');
    expect(other).not.toHaveProperty('ca');
  });

  it('may hold text around what counts, and keys of every kind', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const old = (await readFile(one.key, 'utf8')).replaceAll('\n', '\r\n');
    await writeFile(config.key, `Bag Attributes\r\n    friendlyName: x\r\n${old}`);
    await expect(TlsFiles.load(config)).resolves.toBeInstanceOf(TlsFiles);
    await writeFile(config.key, privateKey.export({ type: 'pkcs1', format: 'pem' }));
    await expect(TlsFiles.load(config)).rejects.toThrow('is not the key of the certificate');
  });

  it('may be read by others: who may is not ours to say', async () => {
    await chmod(config.key, 0o644);
    await expect(TlsFiles.load(config)).resolves.toBeInstanceOf(TlsFiles);
  });

  const damaged = (text: string) => text.replace(/[A-Za-z0-9+/]{20}/, '!!!!!!!!!!!!!!!!!!!!');
  const encrypted = (cipher: 'pkcs8' | 'pkcs1') =>
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: cipher,
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'hunter2',
    });

  it.each<[what: string, key: string, file: string, text: () => Promise<string | Buffer>, message: string]>([
    ['an empty certificate', 'certificate', 'server.crt', async () => '', 'holds no certificate in PEM'],
    [
      'a key for a certificate',
      'certificate',
      'server.crt',
      () => readFile(one.key, 'utf8'),
      'holds a private key and no certificate',
    ],
    [
      'a damaged certificate',
      'certificate',
      'server.crt',
      async () => damaged(await readFile(one.certificate, 'utf8')),
      'is damaged: its first certificate cannot be read',
    ],
    [
      'a damaged chain',
      'certificate',
      'server.crt',
      async () => (await readFile(one.certificate, 'utf8')) + damaged(one.ca),
      'is damaged: its certificate 3 cannot be read',
    ],
    ['an empty key', 'key', 'server.key', async () => '', 'holds no private key in PEM'],
    [
      'a certificate for a key',
      'key',
      'server.key',
      () => readFile(one.certificate, 'utf8'),
      'holds no private key in PEM',
    ],
    [
      'a damaged key',
      'key',
      'server.key',
      async () => damaged(await readFile(one.key, 'utf8')),
      'is damaged: its private key cannot be read',
    ],
    [
      'the key of another',
      'key',
      'server.key',
      () => readFile(two.key, 'utf8'),
      'is not the key of the certificate in ',
    ],
    [
      'a key with a passphrase',
      'key',
      'server.key',
      async () => encrypted('pkcs8'),
      'is encrypted by a passphrase, which nobody can type here: write it without one by openssl pkey -in ',
    ],
    [
      'an old key with a passphrase',
      'key',
      'server.key',
      async () => encrypted('pkcs1'),
      'is encrypted by a passphrase',
    ],
    ['CAs that are none', 'clientcas', 'ca.crt', async () => 'x', 'holds no certificate in PEM'],
  ])('are refused with %s', async (_what, key, file, text, message) => {
    const path = join(live, file);
    await writeFile(path, await text());
    const refused = await refusalOf(TlsFiles.load(config));
    expect([refused.key, refused.file]).toEqual([`http.tls.${key}`, path]);
    expect(refused.message).toContain(`${path} ${message}`);
    expect(refused.message).not.toMatch(/BEGIN|hunter2/);
  });

  it('are refused with a CA whose issuer is not in the list, under which no client could come in', async () => {
    const path = join(live, 'ca.crt');
    const { cert } = await makeClientCertificate(join(temp.path, 'one'));
    await writeFile(path, cert);
    const { message } = await refusalOf(TlsFiles.load(config));
    expect(message).toMatch(
      /ca\.crt holds the certificate of CN=a client of the tests, and the one of its issuer CN=Stowage trial CA \w+ is not in the list: add it$/,
    );
    await writeFile(path, cert + one.ca);
    await expect(TlsFiles.load(config)).resolves.toBeInstanceOf(TlsFiles);
  });

  it.each([
    ['is not there', async (path: string) => rm(path), 'does not exist'],
    [
      'is a folder',
      async (path: string) => {
        await rm(path);
        await mkdir(path);
      },
      'is a folder',
    ],
  ])('are refused when one %s', async (_what, change, message) => {
    for (const [key, path] of [
      ['certificate', config.certificate],
      ['key', config.key],
      ['clientcas', String(config.clientcas[0])],
    ] as const) {
      await change(path);
      const refused = await refusalOf(TlsFiles.load(config));
      expect([refused.key, refused.message]).toEqual([`http.tls.${key}`, `${path} ${message}`]);
      await rm(path, { recursive: true, force: true });
      await copyFile(join(temp.path, 'one', path.slice(live.length + 1)), path);
    }
  });

  it('are read anew when they have changed and settled, and not before', async () => {
    const files = await TlsFiles.load(config);
    expect(await files.reread()).toBeUndefined();
    await copyFile(two.certificate, config.certificate);
    expect(await files.reread()).toBeUndefined();
    await copyFile(two.key, config.key);
    expect(await files.reread()).toBeUndefined();
    const renewed = await files.reread();
    expect(renewed?.context.cert).toBe(await readFile(two.certificate, 'utf8'));
    expect(files.inForce).toBe(renewed);
    expect(await files.reread()).toBeUndefined();
  });

  it('are read anew behind a link that now leads elsewhere, as Kubernetes changes secrets', async () => {
    const link = join(live, 'data');
    await symlink(join(temp.path, 'one'), link);
    const files = await TlsFiles.load({
      ...config,
      certificate: join(link, 'server.crt'),
      key: join(link, 'server.key'),
    });
    await symlink(join(temp.path, 'two'), join(live, 'next'));
    await rename(join(live, 'next'), link);
    expect(await files.reread()).toBeUndefined();
    expect((await files.reread())?.context.cert).toBe(await readFile(two.certificate, 'utf8'));
  });

  it('stay in force when the new ones cannot be used, which is said once', async () => {
    const files = await TlsFiles.load(config);
    const before = files.inForce;
    await copyFile(two.key, config.key);
    expect(await files.reread()).toBeUndefined();
    const { message } = await refusalOf(files.reread());
    expect(message).toContain('is not the key of the certificate');
    expect(await files.reread()).toBeUndefined();
    expect(files.inForce).toBe(before);
    await rm(config.key);
    expect(await files.reread()).toBeUndefined();
    expect((await refusalOf(files.reread())).message).toContain('does not exist');
    expect(files.inForce).toBe(before);
    await copyFile(one.key, config.key);
    expect(await files.reread()).toBeUndefined();
    expect(await files.reread()).toBeDefined();
  });
});

async function refusalOf(loading: Promise<unknown>): Promise<TlsFileRefused> {
  const outcome: unknown = await loading.catch((error: unknown) => error);
  if (outcome instanceof TlsFileRefused) return outcome;
  throw new Error(`it was not refused: ${String(outcome)}`);
}
