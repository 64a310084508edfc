import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pushImage } from '../support/registry-actions.js';
import { runProgram, succeed } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, tool } from '../support/tools.js';
import { wholeTrace } from '../support/whole-trace.js';
import { allowedCalls } from './deployment/allowed-calls.js';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const UNIT = join(DEPLOY, 'systemd', 'stowage.service');
const COMPOSE = join(DEPLOY, 'compose.yaml');
const COMMAND = '/usr/local/bin/stowage';
/** Of 10, which is a service without any protection. */
const HIGHEST_EXPOSURE = 2;

/** What the program makes of a configuration, by key. */
async function shown(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Map<string, unknown>> {
  const words = [PROGRAM, 'config', 'show', '--json', ...args];
  const printed = JSON.parse(await succeed(process.execPath, words, { env })) as {
    key: string;
    value: unknown;
  }[];
  return new Map(printed.map(({ key, value }) => [key, value]));
}

/** Of a duration in whole seconds, as `20s` or `60`. */
const seconds = (text: unknown): number => Number(/^(\d+)s?$/.exec(String(text))?.[1]);

describeWith({ tools: ['systemd-analyze', 'strace'] }, 'the unit of systemd', () => {
  let temp: TempDir;
  let unit: string;
  const settings = new Map<string, string>();

  beforeAll(async () => {
    temp = await makeTempDir();
    unit = join(temp.path, 'stowage.service');
    const text = await readFile(UNIT, 'utf8');
    for (const [, name = '', value = ''] of text.matchAll(/^(\w+)=(.*)$/gm)) settings.set(name, value);
    // The command of an installation is not here; systemd looks whether it is.
    await writeFile(unit, text.replaceAll(COMMAND, `${PROGRAM}.js`));
  });
  afterAll(() => temp.remove());

  it('is one, for systemd', async () => {
    const verified = await runProgram(tool('systemd-analyze'), ['verify', '--man=no', unit]);
    expect(verified).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('leaves the service little that it could do to the machine', async () => {
    const words = ['security', '--no-pager', '--offline=true', `--threshold=${HIGHEST_EXPOSURE * 10}`, unit];
    const { exitCode, stdout } = await runProgram(tool('systemd-analyze'), words);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/exposure level for stowage\.service: [\d.]+/),
    ]);
  });

  it('waits for the end of requests before it kills, and reloads by SIGHUP', async () => {
    const values = await shown([]);
    expect(seconds(settings.get('TimeoutStopSec'))).toBeGreaterThan(seconds(values.get('http.draintimeout')));
    expect(settings.get('ExecStart')).toBe(`${COMMAND} serve /etc/stowage/config.yml`);
    expect(settings.get('ExecReload')).toBe('/bin/kill -HUP $MAINPID');
  });

  it('allows every system call and every family of sockets that serving takes', async () => {
    const trace = join(temp.path, 'trace');
    const strace = [tool('strace'), '-D', '-f', '-e', 'signal=none', '-s', '0', '-o', trace];
    const registry = await RunningRegistry.start({
      folder: join(temp.path, 'registry'),
      runner: [...strace, process.execPath],
    });
    await pushImage(registry.client, 'app', '1', 'config', { layers: ['layer'] });
    await registry.client.send({ path: '/v2/app/manifests/1' });
    await registry.stop();
    const lines = (await wholeTrace(trace)).split('\n');
    const calls = lines.flatMap((line) => /^\d+ +(\w+)\((\w*)/.exec(line)?.slice(1) ?? []);
    const names = new Set(calls.filter((_call, index) => index % 2 === 0));
    expect(names).toContain('fdatasync');
    const allowed = await allowedCalls(settings.get('SystemCallFilter') ?? '');
    expect([...names].filter((name) => !allowed.has(name))).toEqual([]);
    const families = new Set(calls.filter((_family, index) => calls[index - 1] === 'socket'));
    expect(families).toContain('AF_INET');
    const open = new Set(settings.get('RestrictAddressFamilies')?.split(' '));
    expect([...families].filter((family) => !open.has(family))).toEqual([]);
  });
});

interface Service {
  readonly image: string;
  readonly volumes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stop_grace_period: string;
}

describeWith({ tools: ['docker-compose'] }, 'the compose file', () => {
  let temp: TempDir;

  beforeAll(async () => {
    temp = await makeTempDir();
  });
  afterAll(() => temp.remove());

  /** The service as compose understands it. @throws Error when it does not */
  const service = async (text: string): Promise<Service> => {
    const file = join(temp.path, 'compose.yaml');
    await writeFile(file, text);
    const words = ['--file', file, '--project-directory', DEPLOY, 'config'];
    const { services } = parse(await succeed(tool('docker-compose'), words)) as {
      services: { registry: Service };
    };
    return services.registry;
  };
  const image = join(DEPLOY, 'docker', 'config.yml');

  it('serves the volume, with time for the end of requests', async () => {
    const {
      volumes,
      environment,
      stop_grace_period: patience,
    } = await service(await readFile(COMPOSE, 'utf8'));
    const values = await shown([image], environment);
    expect(volumes).toContain(`registry:${String(values.get('storage.filesystem.rootdirectory'))}:rw`);
    expect(volumes).toContain(`${image}:/etc/distribution/config.yml:ro`);
    expect(values.get('storage.delete.enabled')).toBe(true);
    expect(seconds(patience)).toBeGreaterThan(seconds(values.get('http.draintimeout')));
  });

  it('has users and TLS behind its comments', async () => {
    const text = (await readFile(COMPOSE, 'utf8')).replaceAll(/^( +)# (- \.|REGISTRY_)/gm, '$1$2');
    const { volumes, environment } = await service(text);
    expect(volumes).toContain(`${join(DEPLOY, 'secrets')}:/etc/stowage:ro`);
    const values = await shown([image], environment);
    expect(Object.fromEntries(values)).toMatchObject({
      'auth.htpasswd.realm': 'Registry',
      'auth.htpasswd.path': '/etc/stowage/htpasswd',
      'http.tls.certificate': '/etc/stowage/server.crt',
      'http.tls.key': '/etc/stowage/server.key',
    });
  });
});
