import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { pushBlob, pushImage } from '../support/registry-actions.js';
import { runProgram, type Ended, type RunOptions } from '../support/run-program.js';
import { freePort, PROGRAM, RunningRegistry, type RegistryOptions } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

describe('the program', () => {
  let temp: TempDir;
  let registry: RunningRegistry | undefined;

  beforeEach(async () => {
    temp = await makeTempDir();
  });
  afterEach(async () => {
    await registry?.kill9();
    registry = undefined;
    await temp.remove();
  });

  const stowage = async (words: readonly string[], options: RunOptions = {}): Promise<Ended> =>
    runProgram(process.execPath, [PROGRAM, ...words], { cwd: temp.path, timeout: 20_000, ...options });
  const serve = async (options: Partial<RegistryOptions> = {}): Promise<RunningRegistry> => {
    registry = await RunningRegistry.start({ folder: temp.path, ...options });
    return registry;
  };

  describe('says what it can do', () => {
    it('prints its help when it is called alone', async () => {
      const alone = await stowage([]);
      expect(alone).toEqual(await stowage(['--help']));
      expect(alone).toMatchObject({ exitCode: 0, stderr: '' });
      expect(alone.stdout).toMatch(/serve[\s\S]*config[\s\S]*version[\s\S]*Examples/);
    });

    it.each([
      ['serve'],
      ['config'],
      ['config check'],
      ['config show'],
      ['tls'],
      ['tls self-signed'],
      ['version'],
      ['completion'],
    ])('prints the help of %s', async (command) => {
      const { exitCode, stdout } = await stowage([...command.split(' '), '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`stowage ${command}`);
    });

    it('prints its version in three ways', async () => {
      const { version } = JSON.parse(
        await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'),
      ) as { version: string };
      for (const word of ['version', '--version', '-v']) {
        expect(await stowage([word])).toEqual({ exitCode: 0, stdout: `stowage ${version}\n`, stderr: '' });
      }
    });

    it.each([
      [['sreve'], 'There is no command "sreve". Did you mean serve?'],
      [['serve', '--adr', ':1'], 'serve has no option --adr. Did you mean --addr?'],
      [['config', 'chekc'], 'config has no command "chekc". Did you mean check?'],
    ])('refuses %j and names the nearest word', async (words, sentence) => {
      const { exitCode, stdout, stderr } = await stowage(words);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain(sentence);
    });

    it('completes commands in bash', async () => {
      const { exitCode, stdout } = await stowage(['completion', 'bash']);
      expect(exitCode).toBe(0);
      expect(await runProgram('bash', ['-n', '-c', stdout])).toMatchObject({ exitCode: 0, stderr: '' });
    });
  });

  describe('starts', () => {
    it('without any configuration, stores in ./data and says how to push a first image', async () => {
      const { lines, url, host, client } = await serve({ unconfigured: true });
      const data = join(temp.path, 'data');
      expect(lines).toContain(`Stowage listens on ${url} and stores in ${data}.`);
      expect(lines.find((line) => line.includes('docker push'))).toContain(`${host}/`);
      await pushBlob(client, 'first', 'content');
      expect((await readdir(data)).toSorted()).toEqual(['docker', 'stowage']);
      expect(await readdir(temp.path)).toEqual(['data']);
    });

    it('on loopback and port 5000 by default', async () => {
      const { stdout } = await stowage(['config', 'show', '--json']);
      const values = JSON.parse(stdout) as { key: string; value: unknown; origin: unknown }[];
      expect(values.find(({ key }) => key === 'http.addr')).toMatchObject({
        value: '127.0.0.1:5000',
        origin: { kind: 'default' },
      });
    });

    it.each(['image-2.yml', 'image-3.yml'])(
      'with the config.yml of the reference image: %s',
      async (file) => {
        const port = await freePort();
        const path = join(import.meta.dirname, '../fixtures/config', file);
        const { stdout, exitCode } = await stowage(['config', 'check', path], {
          env: {
            REGISTRY_HTTP_ADDR: `127.0.0.1:${port}`,
            REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(temp.path, 'data'),
          },
        });
        expect(exitCode, stdout).toBe(0);
        const { client } = await serve({
          unconfigured: true,
          env: {
            REGISTRY_CONFIGURATION_PATH: path,
            REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(temp.path, 'data'),
          },
        });
        const digest = await pushBlob(client, 'app', 'content');
        expect((await client.send({ path: `/v2/app/blobs/${digest}` })).status).toBe(200);
      },
    );

    it('with 16 threads for files, unless the environment says otherwise', async () => {
      const threads = async (...variable: string[]): Promise<number> => {
        const { pid, client } = await serve({ runner: ['env', ...variable, process.execPath] });
        await pushBlob(client, 'app', 'content');
        const count = (await readdir(`/proc/${pid}/task`)).length;
        await registry?.stop();
        return count;
      };
      const usual = await threads('-u', 'UV_THREADPOOL_SIZE');
      expect(usual - (await threads('UV_THREADPOOL_SIZE=4'))).toBe(12);
    });

    it('with metrics and health on an address of their own', async () => {
      const debug = await freePort();
      const http = { debug: { addr: `127.0.0.1:${debug}`, prometheus: { enabled: true, path: '/metrics' } } };
      const { client } = await serve({ settings: { http } });
      await pushBlob(client, 'app', 'content');
      const metrics = await (await fetch(`http://127.0.0.1:${debug}/metrics`)).text();
      expect(metrics).toMatch(/registry_http_requests_total\{[^}]*code="201"[^}]*\} 1/);
      expect((await fetch(`http://127.0.0.1:${debug}/debug/health`)).status).toBe(200);
      expect((await client.send({ path: '/metrics' })).status).toBe(404);
    });
  });

  describe('refuses to start, in one sentence', () => {
    const configured = async (yaml: string): Promise<string> => {
      const path = join(temp.path, 'my.yml');
      await writeFile(path, yaml);
      return path;
    };

    it('on a port that is in use', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      const { exitCode, stdout, stderr } = await stowage(['serve', '--addr', `127.0.0.1:${port}`]);
      taken.close();
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(new RegExp(`^stowage: http.addr: 127.0.0.1:${port} is in use [^\n]*\n$`));
    });

    it('on a port that is none', async () => {
      const { exitCode, stderr } = await stowage(['serve', '--addr', '127.0.0.1:99999']);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/^stowage: http\.addr \(--addr\) is "127\.0\.0\.1:99999"[^\n]*\n$/);
    });

    it('with a configuration that is not there', async () => {
      const { exitCode, stderr } = await stowage(['serve', 'nowhere.yml']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('nowhere.yml');
      expect(stderr).not.toContain('    at ');
    });

    it('with an unknown key, and names its line and the nearest key', async () => {
      const path = await configured('version: 0.1\nstorage:\n  filesystem:\n    rootdirectroy: x\n');
      for (const words of [
        ['serve', path],
        ['config', 'check', path],
      ]) {
        const { exitCode, stderr } = await stowage(words);
        expect(exitCode).toBe(2);
        expect(stderr).toMatch(/rootdirectroy \([^)]*my\.yml:4\)[^\n]*rootdirectory meant\?\n$/);
      }
    });

    it.each([
      ['auth.silly', 'auth: {silly: {realm: r, service: s}}'],
      ['proxy', 'proxy: {remoteurl: "http://127.0.0.1:1"}'],
    ])('with the feature %s, which it does not have', async (key, yaml) => {
      const path = await configured(`version: 0.1\nstorage: {inmemory: {}}\n${yaml}\n`);
      const { exitCode, stderr } = await stowage(['serve', path]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(key);
    });

    it('where a file stands in place of its folder', async () => {
      await writeFile(join(temp.path, 'file'), '');
      const port = await freePort();
      const words = ['serve', '--root', join(temp.path, 'file'), '--addr', `127.0.0.1:${port}`];
      const { exitCode, stderr } = await stowage(words);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^stowage: [^\n]*\n$/);
    });
  });

  describe('stops', () => {
    /** An upload in one request whose last byte is held back; the server has begun to read it. */
    const halfSent = async (to: RunningRegistry, content: Buffer): Promise<Socket> => {
      const socket = connect(to.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(
        `POST /v2/app/blobs/uploads/?digest=${digestOf(content)} HTTP/1.1\r\nHost: ${to.host}\r\n` +
          `Content-Length: ${content.length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await once(socket, 'data');
      socket.write(content.subarray(0, -1));
      return socket;
    };

    it.each(['SIGTERM', 'SIGINT'] as const)(
      'after %s, when the requests in flight are answered',
      async (signal) => {
        const running = await serve();
        const content = randomBytes(100_000);
        const socket = await halfSent(running, content);
        running.signal(signal);
        await untilRefused(running.port);
        let answer = '';
        socket.on('data', (data: Buffer) => {
          answer += data.toString();
        });
        socket.write(content.subarray(-1));
        expect(await running.ended()).toBe(0);
        expect(answer).toContain('HTTP/1.1 201 Created');
        await running.restart();
        const { body } = await running.client.send({ path: `/v2/app/blobs/${digestOf(content)}` });
        expect(body.equals(content)).toBe(true);
      },
    );

    it('at the end of the drain, when a request does not end', async () => {
      const running = await serve({ settings: { http: { draintimeout: '200ms' } } });
      const socket = await halfSent(running, randomBytes(1_000));
      running.signal('SIGTERM');
      expect(await running.ended()).toBe(0);
      socket.destroy();
    });

    it('at once after a second signal', async () => {
      const running = await serve({ settings: { http: { draintimeout: '1h' } } });
      const socket = await halfSent(running, randomBytes(1_000));
      running.signal('SIGTERM');
      await untilRefused(running.port);
      running.signal('SIGTERM');
      expect(await running.ended()).toBe(1);
      socket.destroy();
    });
  });

  it('serves after a restart what it served before', async () => {
    const running = await serve();
    const manifest = await pushImage(running.client, 'app', 'latest', '{}', { layers: ['layer'] });
    await running.restart();
    const { body } = await running.client.send({ path: '/v2/app/manifests/latest' });
    expect(body.toString()).toBe(manifest);
  });
});

/** Waits until nobody listens any more: the signal has arrived. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => {
        socket.destroy();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });
    if (refused) return;
  }
}
