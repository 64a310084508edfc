import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handshake, sendOverTls } from '../support/https-client.js';
import { digestOf } from '../support/http-client.js';
import { pushBlob } from '../support/registry-actions.js';
import { runProgram } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { makeCertificates, type TestCertificates } from '../support/test-certificates.js';

/** More than the buffers of both ends hold. */
const CONTENT = Buffer.alloc(64 * 1024 * 1024, 'stowage ');

describe('transfers over TLS while the configuration is reloaded', () => {
  let temp: TempDir;
  let one: TestCertificates;
  let two: TestCertificates;
  let registry: RunningRegistry;

  beforeEach(async () => {
    temp = await makeTempDir();
    one = await makeCertificates(join(temp.path, 'one'));
    two = await makeCertificates(join(temp.path, 'two'));
    const tls = { certificate: one.certificate, key: one.key };
    const settings = { log: { level: 'warn', accesslog: { disabled: true } }, http: { tls } };
    registry = await RunningRegistry.start({ folder: temp.path, ca: one.ca, settings });
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  const servedBy = async ({ ca }: TestCertificates): Promise<number | 'another'> =>
    sendOverTls(registry.port, '/v2/', { ca }).then(
      ({ status }) => status,
      () => 'another',
    );
  const reload = async (): Promise<string> => {
    const words = [PROGRAM, 'config', 'reload', 'config.yml'];
    const { stdout, stderr } = await runProgram(process.execPath, words, { cwd: temp.path });
    return stdout + stderr;
  };
  const edit = async (from: string, to: string): Promise<void> => {
    const config = join(temp.path, 'config.yml');
    await writeFile(config, (await readFile(config, 'utf8')).replaceAll(from, to));
  };

  it('go on to their end, whatever changes meanwhile', async () => {
    const digest = await pushBlob(registry.client, 'a', CONTENT);
    const download = await handshake(registry.port, { ca: one.ca });
    download.write(`GET /v2/a/blobs/${digest} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    const [begin] = (await once(download, 'data')) as [Buffer];
    download.pause();

    const body = CONTENT.subarray(0, 1_000_000);
    const path = `/v2/b/blobs/uploads/?digest=${digestOf(body)}`;
    const upload = await handshake(registry.port, { ca: one.ca });
    upload.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    upload.write(body.subarray(0, 500_000));

    // Other names for the files, other files under the same names, and at last files that do not fit.
    await edit('"warn"', '"debug"');
    await edit(`${temp.path}/one/`, `${temp.path}/two/`);
    expect(await reload()).toContain('has taken: log.level, http.tls.certificate, http.tls.key.');
    expect([await servedBy(one), await servedBy(two)]).toEqual(['another', 200]);
    await copyFile(one.certificate, two.certificate);
    await copyFile(one.key, two.key);
    registry.signal('SIGHUP');
    await registry.says('"changed":[]');
    expect([await servedBy(one), await servedBy(two)]).toEqual([200, 'another']);
    await writeFile(two.key, 'no key');
    expect(await reload()).toMatch(
      /^stowage: http\.tls\.key \(config\.yml:\d+\): \S+ holds no private key in PEM\.\n$/,
    );
    registry.signal('SIGHUP');
    await registry.says('configuration was not reloaded: the one before stays in force');
    expect([await servedBy(one), await servedBy(two)]).toEqual([200, 'another']);

    const chunks = [begin];
    for await (const chunk of download) chunks.push(chunk as Buffer);
    const answer = Buffer.concat(chunks);
    expect(digestOf(answer.subarray(answer.indexOf('\r\n\r\n') + 4))).toBe(digest);

    upload.write(body.subarray(500_000));
    const [created] = (await once(upload, 'data')) as [Buffer];
    expect(created.toString()).toMatch(/^HTTP\/1\.1 201 /);
  });
});
