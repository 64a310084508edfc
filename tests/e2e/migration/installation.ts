import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from '../../support/daemon.js';
import { NameProxy } from '../../support/name-proxy.js';
import { referenceProgram, type ReferenceVersion } from '../../support/reference-registry.js';
import { runProgram, succeed, type Ended } from '../../support/run-program.js';
import { freePort, PROGRAM } from '../../support/start-registry.js';
import { makeCertificates, type TestCertificates } from '../../support/test-certificates.js';
import { tool } from '../../support/tools.js';
import { HttpClient } from '../../support/http-client.js';
import { REGISTRY, WRITER } from '../signing-in/guarded-registry.js';

export type ProgramName = 'Stowage' | ReferenceVersion;

/** As `htpasswd -Bn` of Apache has written it. */
const USERS = `${WRITER.user}:$2y$05$.rbUP3klRzRX3kBTw/RDTOJXJ0qysMcAWHWTyc/nRsXFaT5nuhtEy

deploy:$2y$10$dNMJ8XQ6hJUZuLOTncv.TucV1p27icohIL/5PDYQHK7eQUxEpYXl2

`;

interface Ports {
  readonly main: number;
  readonly debug: number;
  readonly other: number;
}

export interface Trial {
  readonly client: HttpClient;
  /** What curl says of a path, by the name of the registry. */
  readonly curl: (path: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/**
 * What an operator has: a configuration, users, a certificate and the images, in one folder. One program at a time serves
 * it, always with the same file.
 */
export class Installation {
  readonly folder: string;
  readonly certificates: TestCertificates;
  readonly debug: HttpClient;
  readonly client: HttpClient;
  readonly #ports: Ports;
  readonly #proxy: NameProxy;
  #running: Daemon | undefined;

  private constructor(
    folder: string,
    certificates: TestCertificates,
    ca: string,
    ports: Ports,
    proxy: NameProxy,
  ) {
    this.folder = folder;
    this.certificates = certificates;
    this.client = new HttpClient({ port: ports.main, ca });
    this.debug = new HttpClient(ports.debug);
    this.#ports = ports;
    this.#proxy = proxy;
  }

  /** @param webhook where events go */
  static async make(folder: string, webhook: string): Promise<Installation> {
    await mkdir(folder, { recursive: true });
    const [main, debug, other] = await differentPorts();
    const certificates = await makeCertificates(join(folder, 'certs'), [REGISTRY, '127.0.0.1']);
    await writeFile(join(folder, 'htpasswd'), USERS);
    const ports = { main, debug, other };
    const yaml = configuration(folder, ports) + notifications(webhook);
    await writeFile(join(folder, 'config.yml'), yaml);
    const proxy = await NameProxy.start({ [REGISTRY]: main });
    const ca = await readFile(certificates.authority, 'utf8');
    return new Installation(folder, certificates, ca, ports, proxy);
  }

  get config(): string {
    return join(this.folder, 'config.yml');
  }

  /** For clients. */
  get environment(): Readonly<Record<string, string>> {
    return { ...this.#proxy.environment, SSL_CERT_FILE: this.certificates.authority };
  }

  /** What the program that runs has printed of late. */
  get printed(): string {
    return this.#running?.printed ?? '';
  }

  async start(program: ProgramName): Promise<void> {
    const { command, env, before } =
      program === 'Stowage'
        ? { command: process.execPath, env: {}, before: [PROGRAM] }
        : { ...referenceProgram(program), before: [] };
    const words = ['-sS', '--cacert', this.certificates.authority, `https://127.0.0.1:${this.#ports.main}/`];
    this.#running = await Daemon.start({
      command,
      args: [...before, 'serve', this.config],
      folder: this.folder,
      env,
      ready: [tool('curl'), ...words],
    });
  }

  async stop(): Promise<void> {
    this.client.close();
    this.debug.close();
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** A trial of Stowage beside what runs, on an address of its own. */
  async startTrial(): Promise<Trial> {
    const { other } = this.#ports;
    const ca = await readFile(this.certificates.authority, 'utf8');
    const env = { REGISTRY_HTTP_ADDR: `127.0.0.1:${other}`, REGISTRY_HTTP_DEBUG_ADDR: '' };
    const daemon = await Daemon.start({
      command: process.execPath,
      args: [PROGRAM, 'serve', '--trial', this.config],
      folder: this.folder,
      env,
      ready: [tool('curl'), '-sS', '--cacert', this.certificates.authority, `https://127.0.0.1:${other}/`],
    });
    const client = new HttpClient({ port: other, ca });
    const curl = async (path: string) => {
      const { user, password } = WRITER;
      const words = ['-sS', '--cacert', this.certificates.authority, '-u', `${user}:${password}`];
      const to = ['--connect-to', `${REGISTRY}:443:127.0.0.1:${other}`, `https://${REGISTRY}${path}`];
      return succeed(tool('curl'), [...words, ...to]);
    };
    const stop = async () => {
      client.close();
      await daemon.stop();
    };
    return { client, curl, stop };
  }

  /** `stowage …` on its configuration. */
  async stowage(...words: string[]): Promise<Ended> {
    return runProgram(process.execPath, [PROGRAM, ...words, this.config], { cwd: this.folder });
  }

  /** `touch` and `rm` of the file that takes the registry out of service. */
  async takeDown(): Promise<void> {
    await writeFile(join(this.folder, 'down'), '');
  }

  async putBack(): Promise<void> {
    await rm(join(this.folder, 'down'));
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#proxy.stop();
  }
}

async function differentPorts(): Promise<readonly [number, number, number]> {
  const ports = new Set<number>();
  while (ports.size < 3) ports.add(await freePort());
  const [main = 0, debug = 0, other = 0] = ports;
  return [main, debug, other];
}

function configuration(folder: string, { main, debug }: Ports): string {
  return `# the registry of our department
version: 0.1
log:
  level: info
  formatter: json
  accesslog:
    disabled: true
  fields:
    service: registry
    environment: production
storage:
  cache:
    blobdescriptor: inmemory
  delete:
    enabled: true
  filesystem:
    rootdirectory: ${folder}/data
    maxthreads: 100
  maintenance:
    uploadpurging:
      enabled: true
      age: 168h
      interval: 24h
      dryrun: false
    readonly:
      enabled: false
auth:
  htpasswd:
    realm: Our images
    path: ${folder}/htpasswd
http:
  addr: 127.0.0.1:${main}
  host: https://${REGISTRY}
  secret: asecretforlocaldevelopment
  draintimeout: 10s
  tls:
    certificate: ${folder}/certs/server.crt
    key: ${folder}/certs/server.key
    minimumtls: tls1.2
  headers:
    X-Content-Type-Options: [nosniff]
    Strict-Transport-Security: ["max-age=63072000"]
  debug:
    addr: 127.0.0.1:${debug}
    prometheus:
      enabled: true
      path: /metrics
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
  file:
    - file: ${folder}/down
      interval: 200ms
`;
}

function notifications(url: string): string {
  return `notifications:
  events:
    includereferences: true
  endpoints:
    - name: builds
      disabled: false
      url: ${url}
      headers:
        Authorization: [Bearer of-the-webhook]
      timeout: 1s
      threshold: 5
      backoff: 1s
      ignoredmediatypes:
        - application/octet-stream
`;
}
