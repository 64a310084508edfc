import type { Schema } from 'convict';
import { SIGNING_ALGORITHMS, type TokenOptions } from '../security/token/token-options.js';
import { formats } from './formats.js';
import { setting } from './setting.js';
import { tokenFormats } from './token-formats.js';

/** The values of the keys below `auth.token`. */
export type TokenSettings = {
  readonly [Key in 'realm' | 'service' | 'issuer' | 'rootcertbundle' | 'jwks']: string | null;
} & Pick<TokenOptions, 'autoredirect' | 'autoredirectpath' | 'signingalgorithms'>;

const REQUIRED = { otherwise: 'none; it must be set' };
const ONE_OF_THEM = 'not set; `rootcertbundle`, `jwks` or both must be';

/** The keys below `auth.token`. */
export const tokenSettings: Schema<TokenSettings> = {
  realm: setting<string | null>(
    tokenFormats.headerText,
    null,
    'Where clients get their tokens: the URL of the token server.',
    { ...REQUIRED, example: 'https://auth.example.com/token' },
  ),
  service: setting<string | null>(
    tokenFormats.headerText,
    null,
    'The name of this registry at the token server. Tokens must have it in `aud`.',
    { ...REQUIRED, example: 'registry.example.com' },
  ),
  issuer: setting<string | null>(
    formats.text,
    null,
    'The name of the token server. Tokens must have exactly it in `iss`.',
    { ...REQUIRED, example: 'auth.example.com' },
  ),
  rootcertbundle: setting<string | null>(
    { ...formats.text, expected: 'a path' },
    null,
    'A file with certificates in PEM. Their keys may sign tokens, and so may those of certificates that they vouch for. It is read again when it changes.',
    { otherwise: ONE_OF_THEM, example: '/etc/distribution/token.crt' },
  ),
  jwks: setting<string | null>(
    tokenFormats.keySet,
    null,
    'A JSON Web Key Set whose keys may sign tokens: a file, which is read again when it changes, or (beyond the reference registry) a URL, which is fetched every ten minutes and when a token names another key, at most every 30 s.',
    { otherwise: ONE_OF_THEM, example: 'https://auth.example.com/.well-known/jwks.json' },
  ),
  autoredirect: setting(
    formats.boolean,
    false,
    'Sends clients to this registry’s own host (`Host`, and `X-Forwarded-Proto` or https) for their tokens, instead of to `realm`, which must be set all the same.',
  ),
  autoredirectpath: setting(
    tokenFormats.urlPath,
    '/auth/token',
    'The path there, with `autoredirect`. A proxy has to lead it to the token server.',
  ),
  signingalgorithms: setting<readonly (typeof SIGNING_ALGORITHMS)[number][]>(
    tokenFormats.signingAlgorithms,
    SIGNING_ALGORITHMS,
    'The algorithms of signatures that are believed.',
    { example: '[RS256, ES256]' },
  ),
};
