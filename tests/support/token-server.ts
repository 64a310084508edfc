import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Action } from '../../src/domain/access/access.js';
import { makeCertificate, type TestCertificate } from './certificates.js';
import { freePort } from './start-registry.js';
import { claimsOf, signToken } from './token-maker.js';

/** Actions by the beginning of what they are for: `repository:team/`, `registry:catalog`. */
export type Rights = Readonly<Record<string, readonly Action[]>>;

export interface TokenServerOptions {
  readonly service: string;
  readonly issuer: string;
  readonly users: Readonly<Record<string, { readonly password: string; readonly rights: Rights }>>;
  /** Of whoever does not sign in. */
  readonly anonymous?: Rights;
  /** How tokens tell their key. Default: `x5c`. */
  readonly naming?: 'x5c' | 'kid';
  /** Speak HTTPS with these, in PEM, and be known by that name. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly name: string };
}

/** What a client has asked for. */
export interface TokenRequest {
  readonly method: string;
  /** `password`, `refresh_token`; undefined under GET. */
  readonly grant: string | undefined;
  readonly account: string | undefined;
  readonly scopes: readonly string[];
}

const HOUR = 3600;

/**
 * A token server as registries know them (distribution "Token Authentication", "OAuth2 Token Authentication"): GET with
 * Basic credentials or none, POST with a form. `/jwks.json` has its keys.
 */
export class TokenServer {
  readonly port: number;
  readonly realm: string;
  readonly jwksUrl: string;
  readonly requests: TokenRequest[] = [];
  readonly #options: TokenServerOptions;
  readonly #refreshTokens = new Map<string, string>();
  #signer: TestCertificate = makeSigner();
  #server: Server | undefined;

  private constructor(options: TokenServerOptions, port: number) {
    this.#options = options;
    this.port = port;
    const origin = options.tls === undefined ? `http://127.0.0.1:${port}` : `https://${options.tls.name}`;
    this.realm = `${origin}/token`;
    this.jwksUrl = `${origin}/jwks.json`;
  }

  /** @param isOpen whether it answers at once; else `open` lets it */
  static async start(options: TokenServerOptions, isOpen = true): Promise<TokenServer> {
    const server = new TokenServer(options, await freePort());
    if (isOpen) await server.open();
    return server;
  }

  async open(): Promise<void> {
    const listener = (req: IncomingMessage, res: ServerResponse) => void this.#answer(req, res);
    const { tls } = this.#options;
    const server =
      tls === undefined
        ? createServer(listener)
        : createTlsServer({ cert: tls.certificate, key: tls.key }, listener);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  /** Its address by name: crane wants no address of a private network for a realm, oras no name of one. */
  get namedRealm(): string {
    return `http://localhost:${this.port}/token`;
  }

  /** What `rootcertbundle` has to hold. */
  get certificate(): string {
    return this.#signer.pem;
  }

  /** From now on another key signs. */
  changeKey(): void {
    this.#signer = makeSigner();
  }

  /** A token as a client would get it. @param user undefined: nobody */
  async issue(user: string | undefined, scopes: readonly string[], over: object = {}): Promise<string> {
    const { issuer, service, users, anonymous = {}, naming = 'x5c' } = this.#options;
    const rights = user === undefined ? anonymous : (users[user]?.rights ?? {});
    const access = scopes.flatMap((scope) => granted(scope, rights));
    const claims = claimsOf({ issuer, service }, { sub: user ?? '', jti: randomUUID(), access, ...over });
    const { name, base64, privateKey } = this.#signer;
    const key = naming === 'x5c' ? { x5c: [base64] } : { kid: name };
    return signToken(claims, privateKey, { alg: 'RS256', ...key });
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', this.realm);
    if (url.pathname === '/jwks.json') {
      const { name, publicKey } = this.#signer;
      return answer(res, 200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: name }] });
    }
    if (url.pathname !== '/token') return answer(res, 404, {});
    if (req.method === 'GET') return this.#answerGet(req, res, url.searchParams);
    if (req.method === 'POST') return this.#answerForm(res, new URLSearchParams(await bodyOf(req)));
    return answer(res, 405, {});
  }

  async #answerGet(req: IncomingMessage, res: ServerResponse, query: URLSearchParams): Promise<void> {
    const { authorization = '' } = req.headers;
    const basic = /^basic (.+)$/i.exec(authorization)?.[1];
    const [user, ...password] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString().split(':');
    const scopes = scopesOf(query);
    this.requests.push({ method: 'GET', grant: undefined, account: user, scopes });
    if (user !== undefined && !this.#isRight(user, password.join(':')))
      return answer(res, 401, { details: 'no' });
    return this.#give(res, user, scopes, query.get('offline_token') === 'true');
  }

  async #answerForm(res: ServerResponse, form: URLSearchParams): Promise<void> {
    const grant = form.get('grant_type') ?? '';
    const isPassword = grant === 'password';
    const user = isPassword
      ? (form.get('username') ?? '')
      : this.#refreshTokens.get(form.get('refresh_token') ?? '');
    const scopes = scopesOf(form);
    this.requests.push({ method: 'POST', grant, account: user, scopes });
    if (user === undefined || (isPassword && !this.#isRight(user, form.get('password') ?? '')))
      return answer(res, 401, { details: 'no' });
    return this.#give(res, user, scopes, form.get('access_type') === 'offline');
  }

  #isRight(user: string, password: string): boolean {
    const { users } = this.#options;
    return Object.hasOwn(users, user) && users[user]?.password === password;
  }

  async #give(
    res: ServerResponse,
    user: string | undefined,
    scopes: readonly string[],
    isOffline: boolean,
  ): Promise<void> {
    const token = await this.issue(user, scopes);
    const given = { token, access_token: token, expires_in: HOUR, issued_at: new Date().toISOString() };
    if (!isOffline || user === undefined) return answer(res, 200, given);
    const refresh = randomUUID();
    this.#refreshTokens.set(refresh, user);
    answer(res, 200, { ...given, refresh_token: refresh });
  }
}

function makeSigner(): TestCertificate {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return makeCertificate({ name: `signer ${randomUUID()}`, keys });
}

/** Several `scope` parameters, or several scopes in one: clients do either. */
function scopesOf(parameters: URLSearchParams): string[] {
  return parameters.getAll('scope').flatMap((scope) => scope.split(' ').filter((text) => text !== ''));
}

/** `repository:team/app:pull,push`, as far as the rights go; a name may have colons. */
function granted(scope: string, rights: Rights): object[] {
  const [, type = '', name = '', asked = ''] = /^([^:]*):(.*):([^:]*)$/.exec(scope) ?? [];
  const allowed = Object.entries(rights)
    .filter(([beginning]) => `${type}:${name}`.startsWith(beginning))
    .flatMap(([, actions]) => actions);
  const actions = asked.split(',').filter((action) => allowed.some((one) => one === action));
  return actions.length === 0 ? [] : [{ type, name, actions }];
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answer(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
