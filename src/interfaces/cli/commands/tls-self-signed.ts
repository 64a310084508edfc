import { isIP } from 'node:net';
import {
  CertificateFileExists,
  type TrialCertificateFiles,
  type TrialCertificates,
} from '../../../application/ports/security/trial-certificates.js';
import type { Command, CommandArguments } from '../command.js';
import type { Terminal } from '../output/terminal.js';
import { StartFailed } from '../start-failed.js';
import { UsageError } from '../usage-error.js';

const PATH = 'tls self-signed';
/** RFC 1123 2.1; a first label `*` stands for any one. */
const NAME = /^(?:\*\.)?(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*$/i;

/** Makes a CA and a server's certificate, and says which file goes where. */
export class TlsSelfSignedCommand implements Command {
  readonly name = 'self-signed';
  readonly summary = 'Make a CA and a certificate that it has signed, to try TLS with';
  readonly options = {
    host: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'A name or address by which clients call the registry; may be repeated',
    },
    out: { type: 'string', requiresArg: true, describe: 'The folder to write into; made if it is not there' },
  } as const;
  readonly examples = [
    ['tls self-signed --host registry.lan --host 192.0.2.7 --out tls', 'For both ways to call it'],
  ] as const;

  readonly #certificates: TrialCertificates;
  readonly #terminal: Terminal;

  constructor(certificates: TrialCertificates, terminal: Terminal) {
    this.#certificates = certificates;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const hosts = readHosts(args['host']);
    const folder = args['out'];
    if (typeof folder !== 'string' || folder === '')
      throw new UsageError(`${PATH} needs a folder: --out <folder>.`, PATH);
    const files = await this.#make(hosts, folder);
    this.#terminal.stdout.write(`${linesOf(files, hosts).join('\n')}\n`);
    return 0;
  }

  /** @throws StartFailed */
  async #make(hosts: readonly string[], folder: string): Promise<TrialCertificateFiles> {
    try {
      return await this.#certificates.make(hosts, folder);
    } catch (error) {
      if (error instanceof CertificateFileExists) {
        throw new StartFailed(`${error.path} is there already: name another folder, or remove it first.`);
      }
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new StartFailed(`the certificates could not be written: ${message}.`, { cause: error });
    }
  }
}

/** @throws UsageError */
function readHosts(given: unknown): readonly string[] {
  const hosts = Array.isArray(given) ? given.map(String) : [];
  if (hosts.length === 0) throw new UsageError(`${PATH} needs a name of the server: --host <name>.`, PATH);
  for (const host of hosts) {
    if (isIP(host) !== 0 || (host.length <= 253 && NAME.test(host) && !/^[\d.]+$/.test(host))) continue;
    const hint = /^(.+):\d+$/.test(host) ? ' without its port' : '';
    throw new UsageError(
      `--host must be a name or an address${hint}, as registry.lan or 192.0.2.7, but is "${host}".`,
      PATH,
    );
  }
  return [...new Set(hosts)];
}

function linesOf(files: TrialCertificateFiles, hosts: readonly string[]): string[] {
  const host = hosts.find((name) => !name.startsWith('*')) ?? 'registry.example.com';
  const address = `${isIP(host) === 6 ? `[${host}]` : host}:5000`;
  const { authority } = files;
  return [
    `Made a CA and a certificate for ${hosts.join(', ')}, good until ${new Date(files.validUntil).toISOString().slice(0, 10)}.`,
    '',
    'For the registry, in its config.yml:',
    '  http:',
    '    tls:',
    `      certificate: ${files.certificate}`,
    `      key: ${files.key}`,
    '',
    `For clients, which have to trust ${authority}`,
    `  docker            cp ${authority} /etc/docker/certs.d/${address}/ca.crt`,
    `  podman, skopeo    cp ${authority} /etc/containers/certs.d/${address}/ca.crt`,
    `  containerd        ca = "${authority}" in /etc/containerd/certs.d/${address}/hosts.toml`,
    `  crane and others  SSL_CERT_FILE=${authority}`,
    `  curl              --cacert ${authority}`,
    '',
    `${files.authorityKey} signs whatever these clients will believe: keep it to yourself, or remove it.`,
  ];
}
