import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from './daemon.js';
import { type Needs, tool } from './tools.js';

/** From where a proxy connects, so that it is told from the tests themselves. */
export const PROXY_ADDRESS = '127.0.0.2';
/** Its workers, where it is started by root: somebody else than the registry. */
const USER = 'www-data';
const MODULES = '/usr/lib/apache2/modules';
const LOADED = ['mpm_event', 'authz_core', 'headers', 'proxy', 'proxy_http', 'xsendfile'];

export interface ProxyOptions {
  /** For what it writes. */
  readonly folder: string;
  readonly port: number;
  /** `127.0.0.1:<port>` of the registry. */
  readonly registry: string;
  /** The folder of the storage. */
  readonly root: string;
}

/** A proxy that can send files, as docs/operations.md sets it up, but without TLS. */
export interface SendingProxy {
  readonly name: string;
  readonly needs: Needs;
  /** `http.sendfile` for it. */
  readonly sendfile: Readonly<Record<string, string>>;
  /** Headers that the registry does not have. */
  readonly adds: readonly string[];
  readonly start: (options: ProxyOptions) => Promise<Daemon>;
}

export const SENDING_PROXIES: readonly SendingProxy[] = [
  {
    name: 'nginx',
    needs: { tools: ['nginx', 'curl'] },
    sendfile: { header: 'X-Accel-Redirect', location: '/stowage-files/' },
    adds: [],
    start: async (options) => start('nginx', options, await nginxConfiguration(options), ['-p', '.', '-c']),
  },
  {
    name: 'Apache',
    needs: { tools: ['apache2', 'curl'], files: LOADED.map(pathOfModule) },
    sendfile: { header: 'X-Sendfile' },
    adds: ['last-modified'],
    start: async (options) =>
      start('apache2', options, await apacheConfiguration(options), ['-DFOREGROUND', '-d', '.', '-f']),
  },
];

async function start(
  command: string,
  { folder, port }: ProxyOptions,
  configuration: string,
  args: readonly string[],
): Promise<Daemon> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${command}.conf`);
  await writeFile(path, configuration);
  const probe = ['-sf', '-o', '/dev/null', `http://127.0.0.1:${port}/`];
  return Daemon.start({
    command: tool(command),
    args: [...args.map((arg) => (arg === '.' ? folder : arg)), path],
    folder,
    env: {},
    ready: [tool('curl'), ...probe],
  });
}

async function nginxConfiguration({ folder, port, registry, root }: ProxyOptions): Promise<string> {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const server = (await documented('nginx'))
    .replaceAll(/^ *(server_name|ssl_certificate\w*) .*\n/gm, '')
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
    .replace('127.0.0.1:5000', registry)
    .replace('proxy_pass http://stowage;', `$& proxy_bind ${PROXY_ADDRESS};`)
    .replace('/var/lib/registry/', `${root}/`);
  return `
    daemon off;
    user ${USER};
    worker_processes 1;
    pid ${folder}/nginx.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n')}
      ${server}
    }`;
}

async function apacheConfiguration({ folder, port, registry, root }: ProxyOptions): Promise<string> {
  const host = (await documented('apache'))
    .replaceAll(/^ *(ServerName|SSL\w+) .*\n/gm, '')
    .replace('*:443', `127.0.0.1:${port}`)
    .replace('ProxyPass ', `ProxySourceAddress ${PROXY_ADDRESS}\n$&`)
    .replace('127.0.0.1:5000', registry)
    .replace('/var/lib/registry', root);
  return `
    ${LOADED.map((name) => `LoadModule ${name}_module ${pathOfModule(name)}`).join('\n')}
    User ${USER}
    Group ${USER}
    ServerName localhost
    Listen 127.0.0.1:${port}
    DefaultRuntimeDir ${folder}
    PidFile ${folder}/apache.pid
    ErrorLog ${folder}/error.log
    ${host}`;
}

function pathOfModule(name: string): string {
  return join(MODULES, `mod_${name}.so`);
}

/** The configuration in the language, as operators find it. */
async function documented(language: string): Promise<string> {
  const page = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [, text] = new RegExp(`\`\`\`${language}\n([^\`]+)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`docs/operations.md has no configuration of ${language}`);
  return text;
}
