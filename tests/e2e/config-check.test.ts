import { lstatSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram, type Ended } from '../support/run-program.js';
import { PROGRAM } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { makeCertificates } from '../support/test-certificates.js';

describe('stowage config check', () => {
  let temp: TempDir;
  beforeEach(async () => {
    temp = await makeTempDir();
    await makeCertificates(join(temp.path, 'tls'));
    await makeCertificates(join(temp.path, 'other'));
  });
  afterEach(async () => temp.remove());

  const write = (name: string, ...lines: readonly string[]): Promise<void> =>
    writeFile(join(temp.path, name), `${lines.join('\n')}\n`);
  const check = (...words: readonly string[]): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, 'config', 'check', 'config.yml', ...words], { cwd: temp.path });
  const everything = (): readonly string[] =>
    readdirSync(temp.path, { recursive: true, encoding: 'utf8' })
      .map((name) => `${name} ${lstatSync(join(temp.path, name)).mtimeMs}`)
      .toSorted();

  const HEAD = ['version: 0.1', 'storage: {filesystem: {rootdirectory: data}}'];
  const TLS = ['http:', '  tls:', '    certificate: tls/server.crt'];

  it('opens the files that the configuration names, starts nothing and writes nothing', async () => {
    await write('users', 'alice:$2y$05$c0FtHOsiRXlNMs0NJAhNoeCqKxPaFWMWbxXa6a2bNqKDxnp5iG1Pq');
    await write(
      'config.yml',
      ...HEAD,
      ...TLS,
      '    key: tls/server.key',
      '    clientcas: [tls/ca.crt]',
      'auth:',
      '  htpasswd: {realm: a, path: users}',
    );
    const before = everything();
    expect(await check()).toEqual({ exitCode: 0, stdout: 'config.yml is valid.\n', stderr: '' });
    expect(everything()).toEqual(before);
  });

  it('says everything that is wrong with them, each with its place', async () => {
    await write('users', 'alice:$2y$05$abc', 'a password alone');
    await mkdir(join(temp.path, 'folder'));
    await write(
      'config.yml',
      ...HEAD,
      ...TLS,
      '    key: folder',
      '    clientcas: [gone.crt, config.yml]',
      'auth:',
      '  htpasswd: {realm: a, path: users}',
    );
    const { exitCode, stdout, stderr } = await check();
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.replaceAll(temp.path, '.').split('\n')).toEqual([
      'stowage: the configuration cannot be used:',
      '  - http.tls.key (config.yml:6): ./folder is a folder.',
      '  - http.tls.clientcas (config.yml:7): ./gone.crt does not exist.',
      '  - http.tls.clientcas (config.yml:7): ./config.yml holds no certificate in PEM.',
      '  - auth.htpasswd.path (config.yml:9): line 2 of ./users is broken: it has no colon: a line is <user>:<bcrypt hash>.',
      '',
    ]);
    const json = await check('--json');
    expect([json.exitCode, (JSON.parse(json.stdout) as { problems: string[] }).problems]).toEqual([
      2,
      expect.objectContaining({ length: 4 }),
    ]);
  });

  it('holds certificate and key together', async () => {
    await write('config.yml', ...HEAD, ...TLS, '    key: other/server.key');
    const { exitCode, stderr } = await check();
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^stowage: http\.tls\.key \(config\.yml:6\): \S+ is not the key of the certificate in \S+\n$/,
      ),
    ]);
  });

  it('opens the files with the keys of tokens, and asks no address', async () => {
    await write('keys.json', '{"keys": []}');
    const token = (...more: readonly string[]) =>
      write(
        'config.yml',
        ...HEAD,
        'auth:',
        '  token:',
        '    realm: https://a.example/token',
        '    service: a',
        '    issuer: a',
        ...more,
      );
    await token('    rootcertbundle: gone.crt', '    jwks: keys.json');
    const { exitCode, stderr } = await check();
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/- auth\.token\.rootcertbundle \(config\.yml:8\): \S+gone\.crt is not there\.\n/);
    expect(stderr).toMatch(/- auth\.token\.jwks \(config\.yml:9\): \S+keys\.json has no key that can check/);
    await token('    jwks: https://127.0.0.1:1/keys.json');
    expect((await check()).exitCode).toBe(0);
  });

  it('warns of what works but should not stay so', async () => {
    await write('users', 'old:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=');
    await write('config.yml', ...HEAD, 'auth:', '  htpasswd: {realm: a, path: users}');
    const { exitCode, stderr } = await check();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: \S+users, line 1: old cannot sign in: [^\n]*\n$/);
    expect(await readFile(join(temp.path, 'users'), 'utf8')).toContain('old');
  });
});
