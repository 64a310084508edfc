import { X509Certificate } from 'node:crypto';
import { KeyMaterialRefused } from './key-material-refused.js';
import { isUsable, USABLE_KEYS } from './trusted-key.js';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM file whose keys can be used; what else stands in it is passed over, as the reference registry
 * does.
 * @throws KeyMaterialRefused
 */
export function readCertificates(pem: string): X509Certificate[] {
  const certificates = [...pem.matchAll(BLOCK)].map(({ 0: block, index }) => parse(block, pem, index));
  if (certificates.length === 0) {
    throw new KeyMaterialRefused(
      'has no certificate: it must have one or more between "-----BEGIN CERTIFICATE-----" and its end',
    );
  }
  const usable = certificates.filter(({ publicKey }) => isUsable(publicKey));
  if (usable.length > 0) return usable;
  throw new KeyMaterialRefused(`has no certificate with a key that can be used: ${USABLE_KEYS} can`);
}

function parse(block: string, pem: string, index: number): X509Certificate {
  try {
    const certificate = new X509Certificate(block);
    // The key is read when it is first asked for.
    void certificate.publicKey;
    return certificate;
  } catch (error) {
    const line = pem.slice(0, index).split('\n').length;
    throw new KeyMaterialRefused(`has a certificate at line ${line} that can not be read`, { cause: error });
  }
}
