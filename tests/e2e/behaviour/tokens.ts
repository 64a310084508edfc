import type { TokenServer } from '../../support/token-server.js';

/** What fills in `{token …}` of the steps. */
export async function makeTokens(
  signer: TokenServer,
  stranger: TokenServer,
): Promise<Readonly<Record<string, string>>> {
  const repository = (name: string, ...actions: readonly string[]) => ({ type: 'repository', name, actions });
  const with_ = async (access: readonly object[], over: object = {}) =>
    signer.issue('alice', [], { access, ...over });
  const all = [
    repository('team/app', 'pull', 'push', 'delete'),
    repository('team/elsewhere', 'pull'),
    { type: 'registry', name: 'catalog', actions: ['*'] },
  ];
  const seconds = Math.floor(Date.now() / 1000);
  const good = await with_(all);
  const [, claims = ''] = good.split('.');
  const tokens = {
    all: good,
    pull: await with_([repository('team/app', 'pull')]),
    push: await with_([repository('team/app', 'pull', 'push')]),
    'other repository': await with_([repository('team/other', 'pull', 'push', 'delete')]),
    nothing: await with_([]),
    expired: await with_(all, { exp: seconds - 3600 }),
    early: await with_(all, { nbf: seconds + 3600 }),
    'other audience': await with_(all, { aud: 'another' }),
    'other issuer': await with_(all, { iss: 'another' }),
    stranger: await stranger.issue('alice', [], { access: all }),
    none: `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${claims}.`,
    cut: good.slice(0, -20),
  };
  return Object.fromEntries(Object.entries(tokens).map(([name, token]) => [`token ${name}`, token]));
}
