import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the start script makes. */
const KEYS = { accesskey: 'STOWAGEKEY', secretkey: 'stowage-secret' } as const;
const REGION = 'us-east-1';
const BUCKET = 'bench';
const run = promisify(execFile);

/** A server that speaks S3 and keeps everything in memory: Ceph's gateway, on loopback. */
export class ObjectStore {
  readonly #folder: string;
  readonly #endpoint: string;
  #roots = 0;

  private constructor(folder: string, endpoint: string) {
    this.#folder = folder;
    this.#endpoint = endpoint;
  }

  /**
   * @param folder where its processes write what they have to; empty
   * @throws Error when it is not installed, or does not start
   */
  static async start(folder: string, ports: readonly [number, number, number]): Promise<ObjectStore> {
    const script = join('tests', 'support', 'start-rgw.sh');
    await run('/bin/bash', [script, folder, ...ports.map(String), String(process.pid)]);
    const endpoint = `http://127.0.0.1:${ports[0]}`;
    const { accesskey: accessKeyId, secretkey: secretAccessKey } = KEYS;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region: REGION, forcePathStyle: true, credentials });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
    return new ObjectStore(folder, endpoint);
  }

  /**
   * Lines of a config.yml below `storage`, with a root directory of its own each time.
   * @param redirects whether clients are sent to the store for blobs
   */
  section(redirects = false): readonly string[] {
    this.#roots += 1;
    return [
      '  s3:',
      `    accesskey: ${KEYS.accesskey}`,
      `    secretkey: ${KEYS.secretkey}`,
      `    region: ${REGION}`,
      `    regionendpoint: ${this.#endpoint}`,
      '    forcepathstyle: true',
      '    secure: false',
      `    bucket: ${BUCKET}`,
      `    rootdirectory: /registry-${this.#roots}`,
      '  redirect:',
      `    disable: ${!redirects}`,
    ];
  }

  async stop(): Promise<void> {
    const pids = this.#pids();
    for (const pid of pids) process.kill(pid);
    while (pids.some((pid) => existsSync(`/proc/${pid}`))) await sleep(50);
  }

  kill(): void {
    for (const pid of this.#pids()) process.kill(pid, 'SIGKILL');
  }

  #pids(): readonly number[] {
    const folder = join(this.#folder, 'run');
    const files = readdirSync(folder).filter((name) => name.endsWith('.pid'));
    return files.map((name) => Number(readFileSync(join(folder, name), 'utf8')));
  }
}
