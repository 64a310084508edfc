import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate that a test has made, with its key. */
export interface TestCertificate {
  readonly name: string;
  readonly pem: string;
  /** As it stands in `x5c`. */
  readonly base64: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface CertificateFields {
  readonly name?: string;
  /** Who vouches for it. Default: itself. */
  readonly issuer?: TestCertificate;
  /** Whether it may vouch for others. */
  readonly ca?: boolean;
  /** Unix time (ms). */
  readonly from?: number;
  readonly to?: number;
  readonly keys?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

const DAY = 86_400_000;
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const RSA_WITH_SHA256 = '2a864886f70d01010b';
const ED25519 = '2b6570';
const COMMON_NAME = '550403';
const BASIC_CONSTRAINTS = '551d13';

export function ecKeys(namedCurve = 'P-256'): Required<CertificateFields>['keys'] {
  return generateKeyPairSync('ec', { namedCurve });
}

/** A certificate in X.509 version 3 (RFC 5280 4.1), valid from yesterday until tomorrow. */
export function makeCertificate({
  name = 'stowage test',
  issuer,
  ca = false,
  from = Date.now() - DAY,
  to = Date.now() + DAY,
  keys = ecKeys(),
}: CertificateFields = {}): TestCertificate {
  const signer = issuer ?? { name, privateKey: keys.privateKey };
  const algorithm = signatureAlgorithm(signer.privateKey);
  const constraints = sequence(ca ? der(0x01, Buffer.from([0xff])) : Buffer.alloc(0));
  const extension = sequence(oid(BASIC_CONSTRAINTS), der(0x01, Buffer.from([0xff])), der(0x04, constraints));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguishedName(signer.name),
    sequence(time(from), time(to)),
    distinguishedName(name),
    keys.publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(extension)),
  );
  const hash = signer.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const signature = sign(hash, toBeSigned, signer.privateKey);
  const whole = sequence(toBeSigned, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const base64 = whole.toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    name,
    base64,
    pem: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    ...keys,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const long = length > 0xff ? [0x82, length >> 8, length & 0xff] : [0x81, length];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function distinguishedName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(name)))));
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return der(0x18, Buffer.from(`${digits}Z`));
}

function signatureAlgorithm({ asymmetricKeyType }: KeyObject): Buffer {
  if (asymmetricKeyType === 'rsa') return sequence(oid(RSA_WITH_SHA256), Buffer.from([5, 0]));
  return sequence(oid(asymmetricKeyType === 'ec' ? ECDSA_WITH_SHA256 : ED25519));
}
