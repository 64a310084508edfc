import type { Schema } from 'convict';
import type { ClientAuth, TlsConfig } from './config.js';
import { formats } from './formats.js';
import { setting } from './setting.js';
import { tlsFormats } from './tls-formats.js';
import { emptyIsNothing } from './value-format.js';

/** The values of the keys below `http.tls`. */
export type TlsSettings = Omit<TlsConfig, 'certificate' | 'key'> & {
  readonly certificate: string | null;
  readonly key: string | null;
};

const file = emptyIsNothing({ ...formats.text, expected: 'the path of a file' });

/** The keys below `http.tls`. */
export const tlsSettings: Schema<TlsSettings> = {
  certificate: setting<string | null>(
    file,
    null,
    'The certificate in PEM, and behind it those that lead to its CA. With it connections are encrypted. It and the key are read anew when they change.',
    { otherwise: 'none: connections are not encrypted', example: '/etc/stowage/server.crt' },
  ),
  key: setting<string | null>(
    file,
    null,
    'The private key of the certificate in PEM, without a passphrase.',
    {
      otherwise: 'none; it must be set with `certificate`',
      example: '/etc/stowage/server.key',
    },
  ),
  clientcas: setting<readonly string[]>(
    emptyIsNothing(tlsFormats.files),
    [],
    'Files with the certificates of CAs, up to their roots. With them clients have to show certificates too.',
    { example: '[/etc/stowage/clients.crt]' },
  ),
  clientauth: setting<ClientAuth>(
    emptyIsNothing(
      formats.oneOf(
        'request-client-cert',
        'require-any-client-cert',
        'verify-client-cert-if-given',
        'require-and-verify-client-cert',
      ),
    ),
    'require-and-verify-client-cert',
    'What clients have to show with `clientcas`: nothing (`request-client-cert`), any certificate at all, nothing or one of those CAs, or one of those CAs.',
  ),
  minimumtls: setting<TlsConfig['minimumtls']>(
    emptyIsNothing(formats.oneOf('tls1.2', 'tls1.3')),
    'tls1.2',
    'The lowest version of TLS that is spoken.',
  ),
  ciphersuites: setting<readonly string[]>(
    emptyIsNothing(tlsFormats.suites),
    [],
    'The cipher suites that are offered in TLS 1.2, by their names in Go. Those of TLS 1.3 are always offered.',
    {
      otherwise: 'those with ECDHE and GCM or ChaCha20-Poly1305',
      example: '[TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]',
    },
  ),
};
