import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client as AwsClient } from '@aws-sdk/client-s3';
import { beforeAll } from 'vitest';
import type { S3ClientOptions } from '../../src/infrastructure/storage/drivers/s3/client/client-options.js';
import { RGW_KEYS, RGW_REGION, s3Options } from './s3-options.js';
import { runProgram, succeed } from './run-program.js';
import { RUN_FOLDER, RUN_OWNER } from './run-folder.js';
import { freePort } from './start-registry.js';
import { RGW_TOOLS, type Needs } from './tools.js';

/** For `describeWith`. */
export const NEEDS_RGW: Needs = {
  tools: RGW_TOOLS,
};
const START_MS = 120_000;

/** A bucket of the RGW that serves the whole run of the tests. */
export interface RgwBucket {
  readonly bucket: string;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  /** For our client. */
  readonly options: S3ClientOptions;
  /** Somebody else's client. */
  readonly aws: AwsClient;
}

/** A fresh bucket for the tests of a file or a group; the first call of a run starts RGW, which takes 12 s. */
export function useRgwBucket(): () => RgwBucket {
  let bucket: RgwBucket | undefined;
  beforeAll(async () => {
    bucket = await makeRgwBucket();
  }, START_MS + 10_000);
  return () => {
    if (bucket === undefined) throw new Error('a bucket is there within tests and hooks alone');
    return bucket;
  };
}

export async function makeRgwBucket(): Promise<RgwBucket> {
  const port = await rgwPort();
  const endpoint = `http://127.0.0.1:${port}`;
  const bucket = `test-${randomUUID()}`;
  const { accesskey, secretkey } = RGW_KEYS;
  const aws = new AwsClient({
    endpoint,
    region: RGW_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: accesskey, secretAccessKey: secretkey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  await aws.send(new CreateBucketCommand({ Bucket: bucket }));
  return { bucket, port, endpoint, options: s3Options({ bucket, regionendpoint: endpoint }), aws };
}

/** Runs radosgw-admin; @returns what it printed. */
export async function rgwAdmin(...args: readonly string[]): Promise<string> {
  await rgwPort();
  return succeed('/usr/bin/radosgw-admin', ['-n', 'client.rgw', ...args], {
    env: { CEPH_CONF: join(rgwFolder(), 'ceph.conf'), PATH: '/usr/bin:/usr/sbin:/bin:/sbin' },
  });
}

function rgwFolder(): string {
  const run = process.env[RUN_FOLDER];
  if (run === undefined)
    throw new Error(`${RUN_FOLDER} is not set: is tests/support/run-folder.ts a globalSetup?`);
  return join(run, 'rgw');
}

/** Of the RGW of this run, which is started by whoever asks first. */
async function rgwPort(): Promise<number> {
  const folder = rgwFolder();
  const isFirst = (await mkdir(folder, { recursive: true })) !== undefined;
  if (isFirst) await startRgw(folder);
  const until = Date.now() + START_MS;
  while (!existsSync(join(folder, 'started'))) {
    if (Date.now() > until) throw new Error('RGW did not start');
    await sleep(100);
  }
  const said = await readFile(join(folder, 'started'), 'utf8');
  if (!/^\d+$/.test(said)) throw new Error(`RGW did not start: ${said}`);
  return Number(said);
}

/** Whether it started or not is left to the others in one step. */
async function startRgw(folder: string): Promise<void> {
  const [port, ...monitors] = [await freePort(), await freePort(), await freePort()];
  const script = join(import.meta.dirname, 'start-rgw.sh');
  const args = [script, folder, String(port), ...monitors.map(String), process.env[RUN_OWNER] ?? ''];
  const { exitCode, stdout, stderr } = await runProgram('/bin/bash', args, { timeout: START_MS });
  await writeFile(join(folder, 'starting'), exitCode === 0 ? String(port) : `${stdout}\n${stderr}`);
  await rename(join(folder, 'starting'), join(folder, 'started'));
}
