import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateFileExists } from '../../../src/application/ports/security/trial-certificates.js';
import { SelfSignedCertificates } from '../../../src/infrastructure/tls/self-signed-certificates.js';
import { ManualClock } from '../../support/fakes.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const HOSTS = ['registry.lan', '*.registry.lan', '192.0.2.7', '2001:db8::7'];

describe('self-signed certificates', () => {
  const clock = new ManualClock();
  const maker = new SelfSignedCertificates(clock);
  let temp: TempDir;
  let folder: string;

  beforeEach(async () => {
    temp = await makeTempDir();
    folder = join(temp.path, 'new', 'tls');
  });
  afterEach(async () => temp.remove());

  it('are a CA, and a certificate of it for every name and address', async () => {
    const files = await maker.make(HOSTS, folder);
    const authority = new X509Certificate(await readFile(files.authority));
    const chain = (await readFile(files.certificate, 'utf8')).split(/(?<=-----END CERTIFICATE-----\n)/);
    const [server, root] = chain.map((pem) => new X509Certificate(pem));
    expect(chain).toHaveLength(2);
    expect(root?.fingerprint256).toBe(authority.fingerprint256);
    expect(authority.ca).toBe(true);
    expect(server?.ca).toBe(false);
    expect(server?.checkIssued(authority)).toBe(true);
    expect(server?.verify(authority.publicKey)).toBe(true);
    expect(server?.checkHost('registry.lan')).toBe('registry.lan');
    expect(server?.checkHost('a.registry.lan')).toBe('*.registry.lan');
    expect(server?.checkHost('other.lan')).toBeUndefined();
    expect(server?.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(server?.checkIP('2001:db8::7')).toBe('2001:db8::7');
    expect(server?.checkIP('192.0.2.8')).toBeUndefined();
  });

  it('are valid from the day before, until what they say', async () => {
    const { certificate, validUntil } = await maker.make(HOSTS, folder);
    const { validFrom, validTo } = new X509Certificate(await readFile(certificate));
    const day = 86_400_000;
    const inSeconds = (time: number) => Math.floor(time / 1000) * 1000;
    expect(Date.parse(validFrom)).toBe(inSeconds(clock.now() - day));
    expect(Date.parse(validTo)).toBe(inSeconds(validUntil));
    expect(validUntil).toBe(clock.now() + 397 * day);
  });

  it('have keys that only their owner can read', async () => {
    const { authorityKey, key, authority } = await maker.make(HOSTS, folder);
    const mode = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);
    expect([await mode(authorityKey), await mode(key)]).toEqual(['600', '600']);
    expect((await stat(authority)).mode & 0o600).toBe(0o600);
  });

  it('are never the same twice', async () => {
    const one = await maker.make(HOSTS, folder);
    const two = await maker.make(HOSTS, join(temp.path, 'two'));
    const [first, second] = await Promise.all(
      [one, two].map(async ({ certificate }) => new X509Certificate(await readFile(certificate))),
    );
    expect(first?.serialNumber).not.toBe(second?.serialNumber);
    expect(first?.issuer).not.toBe(second?.issuer);
  });

  it.each(['ca.crt', 'ca.key', 'server.crt', 'server.key'])('are not written where %s is', async (name) => {
    const file = join(temp.path, name);
    await writeFile(file, 'mine');
    const making = maker.make(HOSTS, temp.path);
    await expect(making).rejects.toEqual(new CertificateFileExists(file));
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await readdir(temp.path)).toEqual([name]);
  });
});
