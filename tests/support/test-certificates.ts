import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import forge from 'node-forge';
import { SelfSignedCertificates } from '../../src/infrastructure/tls/self-signed-certificates.js';

/** Certificates for a server on loopback, in files. */
export interface TestCertificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** What a client trusts, in PEM. */
  readonly ca: string;
}

/** A certificate and its key, in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** By the program's own code, in a folder that has none yet. */
export async function makeCertificates(
  folder: string,
  hosts: readonly string[] = ['localhost', '127.0.0.1'],
): Promise<TestCertificates> {
  const maker = new SelfSignedCertificates({
    now: () => Date.now(),
    sleep: async () => undefined,
    every: () => () => undefined,
  });
  const { authority, certificate, key } = await maker.make(hosts, folder);
  return { authority, certificate, key, ca: await readFile(authority, 'utf8') };
}

/** For a client, signed by the CA whose files lie in the folder. */
export async function makeClientCertificate(folder: string): Promise<ClientCertificate> {
  const issuer = forge.pki.certificateFromPem(await readFile(join(folder, 'ca.crt'), 'utf8'));
  const signingKey = forge.pki.privateKeyFromPem(await readFile(join(folder, 'ca.key'), 'utf8'));
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = '4711';
  certificate.validity = issuer.validity;
  certificate.setSubject([{ shortName: 'CN', value: 'a client of the tests' }]);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([{ name: 'extKeyUsage', clientAuth: true }]);
  certificate.sign(signingKey, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: privateKey };
}
