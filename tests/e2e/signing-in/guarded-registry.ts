import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answer, RawRequest } from '../../support/http-client.js';
import { addUser } from '../../support/htpasswd-users.js';
import { NameProxy } from '../../support/name-proxy.js';
import { freePort, RunningRegistry, type Settings } from '../../support/start-registry.js';
import { makeCertificates, type TestCertificates } from '../../support/test-certificates.js';
import { TokenServer } from '../../support/token-server.js';

/** By which clients know the two servers. No server of the world may have such names (RFC 6761 6.2). */
export const REGISTRY = 'registry.example.test';
const TOKEN_SERVER = 'tokens.example.test';
const NAMES = { service: 'registry of the tests', issuer: 'the tests' };

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** May do everything below `team/`. */
export const WRITER: Credentials = { user: 'alice', password: 'correct: horse&battery' };
/** May only pull there, where there are such rights. */
export const READER: Credentials = { user: 'bob', password: 'only-looking' };
/** May do everything, but elsewhere. */
export const STRANGER: Credentials = { user: 'carol', password: 'from-elsewhere' };

export type AuthKind = 'htpasswd' | 'token';

/** A registry that wants everybody to sign in, over TLS, with a certificate that nobody knows but who has its CA. */
export class GuardedRegistry {
  readonly #certificates: TestCertificates;
  readonly #registry: RunningRegistry;
  readonly #tokens: TokenServer | undefined;
  readonly #proxies: NameProxy[] = [];

  private constructor(
    registry: RunningRegistry,
    certificates: TestCertificates,
    tokens: TokenServer | undefined,
  ) {
    this.#registry = registry;
    this.#certificates = certificates;
    this.#tokens = tokens;
  }

  static async start(kind: AuthKind, folder: string): Promise<GuardedRegistry> {
    await mkdir(folder, { recursive: true });
    const certificates = await makeCertificates(join(folder, 'tls'), [REGISTRY, TOKEN_SERVER, '127.0.0.1']);
    const tokens = kind === 'token' ? await startTokenServer(certificates) : undefined;
    const auth = tokens === undefined ? await htpasswd(folder) : await token(folder, tokens);
    const port = await freePort();
    const { certificate, key, ca } = certificates;
    // ch-image does not understand a Location without a host.
    const http = { addr: `127.0.0.1:${port}`, host: `https://${REGISTRY}/`, tls: { certificate, key } };
    const settings: Settings = { auth, http };
    const registry = await RunningRegistry.start({ folder: join(folder, 'registry'), port, ca, settings });
    return new GuardedRegistry(registry, certificates, tokens);
  }

  /**
   * What a client's environment must have to find the registry, and to believe its certificate. Each has an address of
   * its own: failed logins of one are not those of another.
   * @param trusted the file of the CAs that it believes
   */
  async environment(trusted = this.#certificates.authority): Promise<Readonly<Record<string, string>>> {
    const ports = {
      [REGISTRY]: this.#registry.port,
      ...(this.#tokens === undefined ? {} : { [TOKEN_SERVER]: this.#tokens.port }),
    };
    const proxy = await NameProxy.start(ports, `127.0.1.${this.#proxies.length + 1}`);
    this.#proxies.push(proxy);
    return { ...proxy.environment, SSL_CERT_FILE: trusted };
  }

  /** Asks as the writer. */
  async send(request: RawRequest, repository: string): Promise<Answer> {
    const { user, password } = WRITER;
    const authorization =
      this.#tokens === undefined
        ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
        : `Bearer ${await this.#tokens.issue(user, [`repository:${repository}:pull`])}`;
    return this.#registry.client.send({ ...request, headers: { ...request.headers, authorization } });
  }

  /** Each request to the token server since the last call; none without one. */
  takeTokenRequests(): TokenServer['requests'] {
    return this.#tokens?.requests.splice(0) ?? [];
  }

  /** Lines of its log that tell of a fault. */
  get errors(): readonly string[] {
    return this.#registry.lines.filter((line) => line.includes('"level":"error"'));
  }

  async stop(): Promise<void> {
    for (const proxy of this.#proxies) await proxy.stop();
    await this.#registry.stop();
    await this.#tokens?.stop();
  }
}

async function startTokenServer({ certificate, key }: TestCertificates): Promise<TokenServer> {
  return TokenServer.start({
    ...NAMES,
    users: {
      [WRITER.user]: { ...WRITER, rights: { 'repository:team/': ['pull', 'push'] } },
      [READER.user]: { ...READER, rights: { 'repository:team/': ['pull'] } },
      [STRANGER.user]: { ...STRANGER, rights: { 'repository:elsewhere/': ['pull', 'push'] } },
    },
    tls: {
      certificate: await readFile(certificate, 'utf8'),
      key: await readFile(key, 'utf8'),
      name: TOKEN_SERVER,
    },
  });
}

async function token(folder: string, tokens: TokenServer): Promise<Settings[string]> {
  const rootcertbundle = join(folder, 'token-signer.crt');
  await writeFile(rootcertbundle, tokens.certificate);
  return { token: { realm: tokens.realm, ...NAMES, rootcertbundle } };
}

async function htpasswd(folder: string): Promise<Settings[string]> {
  const path = join(folder, 'users');
  await addUser(path, WRITER.user, WRITER.password);
  return { htpasswd: { realm: 'the tests', path } };
}
