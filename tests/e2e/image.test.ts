import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpClient } from '../support/http-client.js';
import { IMAGE_TOOLS } from '../support/images.js';
import { needsReference, ReferenceRegistry } from '../support/reference-registry.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { freePort } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';
import { buildImage } from './image/build-image.js';
import { ContainerEngine, type ContainerOptions } from './image/container-engine.js';

const IMAGE = 'localhost/stowage';
const VOLUME = '/var/lib/registry';
const USER = 65_532;
const PATIENCE_MS = 20_000;
const TOOLS = [...IMAGE_TOOLS, 'buildah', 'podman', 'runc', 'npm', ...(needsReference('2.8.2').tools ?? [])];

describeWith({ tools: TOOLS, root: true }, 'the image', () => {
  let temp: TempDir;
  let engine: ContainerEngine;

  beforeAll(async () => {
    temp = await makeTempDir();
    engine = await ContainerEngine.start(join(temp.path, 'engine'));
    await buildImage(engine, join(temp.path, 'bases'), IMAGE);
  });
  afterAll(async () => {
    await engine.close();
    await temp.remove();
  });

  /** Writes a configuration that listens on loopback. */
  const configuration = async (folder: string, settings: object = {}): Promise<string> => {
    await mkdir(folder, { recursive: true });
    const path = join(folder, 'config.yml');
    const base = { version: '0.1', storage: { filesystem: { rootdirectory: VOLUME } } };
    await writeFile(path, JSON.stringify({ ...base, ...settings }));
    return path;
  };
  /** A volume as a registry leaves it that ran as root, with an image `old:1` in it. */
  const oldVolume = async (name: string): Promise<{ folder: string; volume: string; manifest: string }> => {
    const folder = join(temp.path, name);
    const reference = await ReferenceRegistry.start('2.8.2', folder);
    const manifest = await pushImage(reference.client, 'old', '1', 'config', { layers: ['layer'] });
    await reference.stop();
    return { folder, volume: join(folder, 'data'), manifest };
  };
  const serve = async (name: string, options: ContainerOptions): Promise<HttpClient> => {
    const port = await freePort();
    const env = { REGISTRY_HTTP_ADDR: `127.0.0.1:${port}`, ...options.env };
    await engine.start(name, IMAGE, { ...options, env });
    const client = new HttpClient(port);
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(50)) {
      const answer = await client.send({ path: '/v2/' }).catch(() => undefined);
      if (answer?.status === 200) return client;
    }
    throw new Error(`the container does not answer:\n${await engine.logs(name)}`);
  };

  it('is not of root, has the ways in of the reference registry, and nothing to build with', async () => {
    const image = (await engine.inspectImage(IMAGE)) as {
      Size: number;
      Config: Record<string, unknown>;
    };
    process.stdout.write(`the image has ${Math.round(image.Size / 1e6)} MB, its base included\n`);
    expect(image.Config).toMatchObject({
      User: `${USER}:${USER}`,
      ExposedPorts: { '5000/tcp': {} },
      Volumes: { [VOLUME]: {} },
      Entrypoint: ['/entrypoint.sh'],
      Cmd: ['serve', '/etc/distribution/config.yml'],
      StopSignal: 'SIGTERM',
      Labels: { 'org.opencontainers.image.title': 'Stowage' },
    });
    expect(image.Config['Env']).toEqual([
      expect.stringMatching(/^PATH=/),
      'REGISTRY_CONFIGURATION_PATH=/etc/distribution/config.yml',
    ]);
    const kept = 'ls /opt/stowage /opt/stowage/node_modules; command -v npm';
    const { stdout } = await engine.run(IMAGE, ['sh', '-c', kept]);
    const names = stdout.trim().split('\n');
    expect(names).toEqual(expect.arrayContaining(['dist', 'package.json', 'node-forge', '@photostructure']));
    for (const name of ['src', 'tests', 'typescript', 'vitest', '/usr/local/bin/npm']) {
      expect(names).not.toContain(name);
    }
  });

  it('takes over the volume of a container that ran as root, once it may write there, and gives it back', async () => {
    const { folder, volume, manifest } = await oldVolume('taken-over');
    const mounts = { [VOLUME]: volume };
    const refused = await engine.run(IMAGE, [], { mounts });
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^stowage: the folder \/var\/lib\/registry cannot be written: [^\n]+\n$/),
    ]);
    expect(refused.stderr).toContain(`belongs to user 0, and this process runs as user ${USER}`);
    expect(refused.stderr).toContain('--user 0:0');
    const [, command = ''] = /`(chown [^`]+)`/.exec(refused.stderr) ?? [];
    expect(command).toBe(`chown -R ${USER}:${USER} ${VOLUME}`);
    await engine.run(IMAGE, ['sh', '-c', command], { mounts, flags: ['--user', '0'] });

    const client = await serve('taken-over', { mounts });
    expect((await client.send({ path: '/v2/old/manifests/1' })).body.toString()).toBe(manifest);
    const pushed = await pushImage(client, 'new', '1', 'other config', { layers: ['other layer'] });
    const loose = await pushBlob(client, 'new', 'loose');
    const collect = ['registry', 'garbage-collect', '--grace', '0', '/etc/distribution/config.yml'];
    const collected = await engine.exec('taken-over', ...collect);
    expect([collected.exitCode, collected.stdout]).toEqual([0, expect.stringContaining('1 link to blobs')]);
    expect((await client.send({ method: 'HEAD', path: `/v2/new/blobs/${loose}` })).status).toBe(404);
    expect((await engine.exec('taken-over', 'id', '-u')).stdout).toBe(`${USER}\n`);
    expect((await stat(join(volume, 'stowage', 'metadata.db'))).uid).toBe(USER);
    client.close();
    expect(await engine.stop('taken-over')).toBe(0);

    const reference = await ReferenceRegistry.start('2.8.2', folder);
    const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' };
    const again = await reference.client.send({ path: '/v2/new/manifests/1', headers: accept });
    expect(again.body.toString()).toBe(pushed);
    await reference.stop();
  });

  it('runs as the owner of a volume by --user, without writing anywhere else', async () => {
    const { volume, manifest } = await oldVolume('as-owner');
    const flags = ['--user', '0:0', '--read-only', '--read-only-tmpfs=false', '--cap-drop', 'ALL'];
    const client = await serve('as-owner', { mounts: { [VOLUME]: volume }, flags });
    expect((await client.send({ path: '/v2/old/manifests/1' })).body.toString()).toBe(manifest);
    await pushBlob(client, 'old', 'more');
    expect((await stat(join(volume, 'stowage', 'metadata.db'))).uid).toBe(0);
    client.close();
    expect(await engine.stop('as-owner')).toBe(0);
    // The way from there to the user of the image is told too, wherever something of the other is left.
    await chown(volume, USER, USER);
    await chown(join(volume, 'stowage'), USER, USER);
    const { exitCode, stderr } = await engine.run(IMAGE, [], { mounts: { [VOLUME]: volume } });
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(`\`chown -R ${USER}:${USER} ${VOLUME}\``),
    ]);
  });

  it('writes into a new volume', async () => {
    const client = await serve('new-volume', { flags: ['--volume', VOLUME] });
    await pushBlob(client, 'app', 'content');
    client.close();
    expect(await engine.stop('new-volume')).toBe(0);
  });

  it.each(['/etc/distribution', '/etc/docker/registry'])('finds a configuration in %s', async (inside) => {
    const folder = join(temp.path, `configured${inside.replaceAll('/', '-')}`);
    const path = await configuration(folder, { http: { addr: ':5999' } });
    for (const mounts of [{ [inside]: folder }, { [`${inside}/config.yml`]: path }]) {
      const { stdout } = await engine.run(IMAGE, ['config', 'show', '--json'], { mounts });
      expect(JSON.parse(stdout)).toContainEqual(
        expect.objectContaining({ key: 'http.addr', value: ':5999' }),
      );
    }
  });

  it.each([
    [['--version'], 'stowage '],
    [['registry', '--version'], 'stowage '],
    [['stowage', 'version'], 'stowage '],
    [['garbage-collect', '--help'], '--delete-untagged'],
    [['/etc/docker/registry/config.yml', '--help'], 'Run the registry'],
    [['/usr/bin/id', '-g'], `${USER}`],
    [['sh', '-c', 'id -un'], 'stowage'],
  ])('takes the words %j', async (words, printed) => {
    const { exitCode, stdout } = await engine.run(IMAGE, words);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(printed)]);
  });

  it('says whether it is healthy, encrypted or not', async () => {
    const folder = join(temp.path, 'health');
    await mkdir(folder, { recursive: true });
    await chown(folder, USER, USER);
    const down = join(folder, 'down');
    const probe = ['node', '/opt/stowage/healthcheck.mjs'];
    const options = {
      mounts: { '/health': folder },
      env: { REGISTRY_HEALTH_FILECHECKERS: '[{file: /health/down, interval: 50ms}]' },
    };
    const client = await serve('health', options);
    expect(await engine.exec('health', ...probe)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await writeFile(down, '');
    while ((await client.send({ path: '/' })).status !== 503) await sleep(50);
    const unhealthy = await engine.exec('health', ...probe);
    expect(unhealthy).toMatchObject({ exitCode: 1, stderr: 'the registry answers with 503\n' });
    client.close();
    await engine.stop('health');

    const made = await engine.run(
      IMAGE,
      ['tls', 'self-signed', '--host', '127.0.0.1', '--out', '/health/tls'],
      {
        mounts: options.mounts,
      },
    );
    expect(made.exitCode).toBe(0);
    const port = await freePort();
    const env = {
      REGISTRY_HTTP_ADDR: `127.0.0.1:${port}`,
      REGISTRY_HTTP_TLS_CERTIFICATE: '/health/tls/server.crt',
      REGISTRY_HTTP_TLS_KEY: '/health/tls/server.key',
    };
    await engine.start('encrypted', IMAGE, { mounts: options.mounts, env });
    const ca = await readFile(join(folder, 'tls', 'ca.crt'), 'utf8');
    const encrypted = new HttpClient({ port, ca });
    while ((await encrypted.send({ path: '/' }).catch(() => undefined))?.status !== 200) await sleep(50);
    encrypted.close();
    expect((await engine.exec('encrypted', ...probe)).exitCode).toBe(0);
    await engine.stop('encrypted');
  });
});
