import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsConfig } from '../config/config.js';
import { cipherSuites } from './cipher-suites.js';
import { TlsFileRefused } from './tls-file-refused.js';

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;
const KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is no folder',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by the user that runs the registry',
};

/** What is read from the files of `http.tls`. */
export interface TlsMaterial {
  readonly context: SecureContextOptions;
  /** The end of the certificate's validity. */
  readonly validUntil: Date;
}

/**
 * Reads what a server needs from the files, and holds it together: what it returns can be listened with.
 * @throws TlsFileRefused
 */
export async function readTlsFiles(config: TlsConfig): Promise<TlsMaterial> {
  const cert = await readText('http.tls.certificate', config.certificate);
  const keyText = await readText('http.tls.key', config.key);
  const certificate = firstCertificate(cert, config);
  const key = privateKey(keyText, config);
  if (!certificate.checkPrivateKey(key)) {
    throw new TlsFileRefused(
      'http.tls.key',
      config.key,
      `is not the key of the certificate in ${config.certificate}`,
    );
  }
  const authorities = (await Promise.all(config.clientcas.map(readAuthorities))).flat();
  assertWholeChains(authorities);
  const ca = authorities.map((authority) => authority.certificate.toString());
  const context: SecureContextOptions = {
    cert,
    key: keyText,
    minVersion: config.minimumtls === 'tls1.3' ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: cipherSuites.toOpenSsl(config.ciphersuites).join(':'),
    ...(ca.length === 0 ? {} : { ca }),
  };
  assertUsable(context, config);
  return { context, validUntil: new Date(certificate.validTo) };
}

/**
 * Reads each file by itself, as far as that goes.
 * @returns a promise for each; those of files that cannot be used reject with TlsFileRefused
 */
export function readEachTlsFile(config: TlsConfig): readonly Promise<unknown>[] {
  const { certificate, key, clientcas } = config;
  return [
    readText('http.tls.certificate', certificate).then((text) => firstCertificate(text, config)),
    readText('http.tls.key', key).then((text) => privateKey(text, config)),
    ...clientcas.map(readAuthorities),
  ];
}

async function readText(key: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new TlsFileRefused(key, file, UNREADABLE[code] ?? `cannot be read: ${message}`, { cause: error });
  }
}

function firstCertificate(text: string, { certificate: file }: TlsConfig): X509Certificate {
  const [first] = certificatesIn('http.tls.certificate', file, text);
  if (first !== undefined) return first;
  const found = KEY.test(text) ? 'holds a private key and no certificate' : 'holds no certificate in PEM';
  throw new TlsFileRefused('http.tls.certificate', file, found);
}

interface Authority {
  readonly file: string;
  readonly certificate: X509Certificate;
}

async function readAuthorities(file: string): Promise<Authority[]> {
  const found = certificatesIn('http.tls.clientcas', file, await readText('http.tls.clientcas', file));
  if (found.length > 0) return found.map((certificate) => ({ file, certificate }));
  throw new TlsFileRefused('http.tls.clientcas', file, 'holds no certificate in PEM');
}

/** Go trusts a CA for itself; a server of Node only one whose chain it can follow to its end. */
function assertWholeChains(authorities: readonly Authority[]): void {
  for (const { file, certificate } of authorities) {
    if (authorities.some((other) => certificate.checkIssued(other.certificate))) continue;
    const [subject, issuer] = [certificate.subject, certificate.issuer].map(oneLine);
    const what = `holds the certificate of ${subject}, and the one of its issuer ${issuer} is not in the list: add it`;
    throw new TlsFileRefused('http.tls.clientcas', file, what);
  }
}

/** Names have a line for each part. */
function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}

function certificatesIn(key: string, file: string, text: string): X509Certificate[] {
  return (text.match(CERTIFICATE) ?? []).map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      const which = index === 0 ? 'its first certificate' : `its certificate ${index + 1}`;
      throw new TlsFileRefused(key, file, `is damaged: ${which} cannot be read`, { cause });
    }
  });
}

function privateKey(text: string, { key: file }: TlsConfig): KeyObject {
  if (ENCRYPTED.test(text)) {
    const how = `write it without one by openssl pkey -in ${file} -out <file>`;
    throw new TlsFileRefused(
      'http.tls.key',
      file,
      `is encrypted by a passphrase, which nobody can type here: ${how}`,
    );
  }
  if (!KEY.test(text)) throw new TlsFileRefused('http.tls.key', file, 'holds no private key in PEM');
  try {
    return createPrivateKey(text);
  } catch {
    // The cause of OpenSSL is left out: nothing of a key belongs into a log.
    throw new TlsFileRefused('http.tls.key', file, 'is damaged: its private key cannot be read');
  }
}

/** What OpenSSL refuses beyond that, as a key that is too short. */
function assertUsable(context: SecureContextOptions, { certificate }: TlsConfig): void {
  try {
    createSecureContext(context);
  } catch (error) {
    const { message } = error as Error;
    throw new TlsFileRefused('http.tls.certificate', certificate, `cannot be used: ${message}`, {
      cause: error,
    });
  }
}
