import { isAddress } from '../security/token/token-options.js';
import type { Collected } from './collect-settings.js';
import { quote } from './formats.js';
import { isLoopback } from './listen-address.js';
import { placeOf } from './source-node.js';

/** What the keys below `auth.token` cannot say of themselves. */
export function tokenProblems({ values, problems, schemes }: Collected): string[] {
  const origin = schemes.get('token');
  if (origin === undefined || schemes.size > 1) return [];
  const has = (name: string) => {
    const key = `auth.token.${name}`;
    return values.has(key) || problems.some((problem) => problem.startsWith(`${key} (`));
  };
  const found: string[] = [];
  if (!has('rootcertbundle') && !has('jwks')) {
    found.push(
      `auth.token (${placeOf(origin)}) has no keys to check tokens with: name a file with certificates in rootcertbundle, or ` +
        'a JSON Web Key Set in jwks.',
    );
  }
  const realm = values.get('auth.token.realm');
  const isUsed = values.get('auth.token.autoredirect')?.value !== true;
  if (realm !== undefined && isUsed && !isUrl(String(realm.value))) {
    found.push(
      `auth.token.realm (${placeOf(realm.origin)}) must be the URL of the token server, such as https://auth.example.com/token, but is ` +
        `${quote(String(realm.value))}.`,
    );
  }
  return found;
}

/** What works, but should not stay so. */
export function tokenWarnings({ values }: Collected): string[] {
  const jwks = values.get('auth.token.jwks');
  const path = values.get('auth.token.autoredirectpath');
  const warnings: string[] = [];
  if (jwks !== undefined && isAddress(String(jwks.value)) && !isSafe(new URL(String(jwks.value)))) {
    warnings.push(
      `auth.token.jwks (${placeOf(jwks.origin)}) is fetched without encryption: whoever is between here and there can put his own key in, and may do everything.`,
    );
  }
  if (path !== undefined && values.get('auth.token.autoredirect')?.value !== true) {
    warnings.push(
      `auth.token.autoredirectpath (${placeOf(path.origin)}) does nothing without auth.token.autoredirect: true.`,
    );
  }
  return warnings;
}

function isUrl(written: string): boolean {
  return URL.canParse(written) && /^https?:$/.test(new URL(written).protocol);
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback({ host: hostname.replaceAll(/[[\]]/g, ''), port: 0 });
}
