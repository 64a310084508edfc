import { generateKeyPair, randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type forge from 'node-forge';
import {
  CertificateFileExists,
  type TrialCertificateFiles,
  type TrialCertificates,
} from '../../application/ports/security/trial-certificates.js';
import type { Clock } from '../../application/ports/system/clock.js';

const DAY = 86_400_000;
/** The longest that clients of Apple take; others take more. */
const VALID = 397 * DAY;
/** Clocks of clients may be behind. */
const BEFORE = DAY;
/** The types of names in a certificate (RFC 5280 4.2.1.6). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

type Forge = typeof forge;
type Certificate = forge.pki.Certificate;
/** In PEM. */
type KeyPair = Awaited<ReturnType<typeof makeKeys>>;

interface Signed {
  readonly certificate: Certificate;
  readonly keys: KeyPair;
}

/** A CA of its own for each folder. Keys are of RSA with 2048 bits, which every client of a registry knows. */
export class SelfSignedCertificates implements TrialCertificates {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async make(hosts: readonly string[], folder: string): Promise<TrialCertificateFiles> {
    const path = (name: string) => join(resolve(folder), name);
    const files = {
      authority: path('ca.crt'),
      authorityKey: path('ca.key'),
      certificate: path('server.crt'),
      key: path('server.key'),
    };
    for (const file of Object.values(files)) await assertAbsent(file);
    const { default: library } = await import('node-forge');
    const now = this.#clock.now();
    const validity = { notBefore: new Date(now - BEFORE), notAfter: new Date(now + VALID) };
    const authority = await makeAuthority(library, validity);
    const server = await makeServer(library, validity, authority, hosts);
    const root = toPem(library, authority);
    await mkdir(resolve(folder), { recursive: true });
    await writeNew(files.authorityKey, authority.keys.privateKey, 0o600);
    await writeNew(files.authority, root, 0o644);
    await writeNew(files.key, server.keys.privateKey, 0o600);
    await writeNew(files.certificate, toPem(library, server) + root, 0o644);
    return { ...files, validUntil: validity.notAfter.getTime() };
  }
}

async function makeAuthority(library: Forge, validity: Certificate['validity']): Promise<Signed> {
  const keys = await makeKeys();
  const certificate = blank(library, validity, keys);
  // Two trials must not have CAs of the same name: a client that trusts both would try the wrong one.
  const name = [{ shortName: 'CN', value: `Stowage trial CA ${randomBytes(4).toString('hex')}` }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  sign(library, certificate, keys);
  return { certificate, keys };
}

async function makeServer(
  library: Forge,
  validity: Certificate['validity'],
  authority: Signed,
  hosts: readonly string[],
): Promise<Signed> {
  const keys = await makeKeys();
  const certificate = blank(library, validity, keys);
  certificate.setSubject([{ shortName: 'CN', value: 'Stowage trial' }]);
  certificate.setIssuer(authority.certificate.subject.attributes);
  const authorityKeyIdentifier = authority.certificate.generateSubjectKeyIdentifier().getBytes();
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: hosts.map(altName) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: authorityKeyIdentifier },
  ]);
  sign(library, certificate, authority.keys);
  return { certificate, keys };
}

function blank(library: Forge, validity: Certificate['validity'], keys: KeyPair): Certificate {
  const certificate = library.pki.createCertificate();
  certificate.publicKey = library.pki.publicKeyFromPem(keys.publicKey);
  certificate.serialNumber = serialNumber();
  certificate.validity = validity;
  return certificate;
}

function sign(library: Forge, certificate: Certificate, { privateKey }: KeyPair): void {
  certificate.sign(library.pki.privateKeyFromPem(privateKey), library.md.sha256.create());
}

/** The library ends lines as Windows does. */
function toPem(library: Forge, { certificate }: Signed): string {
  return library.pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

function altName(host: string): object {
  return isIP(host) === 0 ? { type: DNS_NAME, value: host } : { type: IP_ADDRESS, ip: host };
}

/** By OpenSSL, which needs a tenth of the time that the library would. */
async function makeKeys(): Promise<{ readonly publicKey: string; readonly privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** Positive, and of 16 bytes (RFC 5280 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

async function assertAbsent(path: string): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  throw new CertificateFileExists(path);
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(path, text, { mode, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new CertificateFileExists(path);
    throw error;
  }
}
