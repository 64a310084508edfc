import type { Collected } from './collect-settings.js';
import { placeOf } from './source-node.js';

/** What has to be there of a scheme, and what it is for. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  htpasswd: {
    realm: 'name what users sign in to, such as Registry',
    path: 'name the file of users, which `stowage htpasswd add <file> <user>` makes',
  },
  token: {
    realm: 'name the URL of the token server',
    service: 'name this registry as the token server does',
    issuer: 'name the token server as it does in its tokens',
  },
};

/** What the keys below `auth` cannot say of themselves. */
export function authProblems({ schemes, values, problems }: Collected): string[] {
  if (schemes.size > 1) {
    const names = [...schemes].map(([name, origin]) => `${name} (${placeOf(origin)})`);
    const hint = 'Keep one: REGISTRY_AUTH=<scheme> replaces the whole section of a file.';
    return [`auth has more than one scheme: ${names.join(' and ')}. ${hint}`];
  }
  return [...schemes].flatMap(([name, origin]) =>
    Object.entries(NEEDED[name] ?? {}).flatMap(([part, what]) => {
      const key = `auth.${name}.${part}`;
      const isThere = values.has(key) || problems.some((problem) => problem.startsWith(`${key} (`));
      return isThere ? [] : [`${key} is missing beside auth.${name} (${placeOf(origin)}): ${what}.`];
    }),
  );
}

/** Whether somebody has to sign in. The checks have seen to it that the scheme is whole. */
export function isAuthenticated({ schemes }: Collected): boolean {
  return [...schemes.keys()].some((name) => name in NEEDED);
}
