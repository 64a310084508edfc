import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../support/http-client.js';
import { pushImage } from '../support/registry-actions.js';
import { NEEDS_RGW, rgwAdmin, useRgwBucket } from '../support/rgw.js';
import { runProgram } from '../support/run-program.js';
import { s3Section } from '../support/s3-section.js';
import { onBucket, PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith } from '../support/tools.js';

const USER = 'least';
/** More than one part. */
const LONG = Buffer.alloc(12_000_000, randomBytes(1_000_003));

describeWith(NEEDS_RGW, 'the policy of docs/operations.md', () => {
  const bucket = useRgwBucket();
  let temp: TempDir;
  let registry: RunningRegistry;

  beforeAll(async () => {
    temp = await makeTempDir();
    const [accesskey, secretkey] = ['LEASTKEY', 'least-secret'];
    await rgwAdmin(
      'user',
      'create',
      '--uid',
      USER,
      '--display-name',
      USER,
      '--access-key',
      accesskey,
      '--secret-key',
      secretkey,
    );
    const { aws, bucket: name } = bucket();
    await aws.send(new PutBucketPolicyCommand({ Bucket: name, Policy: await policyFor(name) }));
    const section = { ...s3Section(bucket()), accesskey, secretkey };
    registry = await RunningRegistry.start({ folder: temp.path, settings: onBucket(temp.path, section) });
  });
  afterAll(async () => {
    await registry.kill9();
    await temp.remove();
  });

  /** The documented one, for this bucket, and with whom it is about. */
  async function policyFor(name: string): Promise<string> {
    const page = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    const json = /```json\n(\{\n {2}"Version"[^`]+)```/.exec(page)?.[1] ?? '';
    const policy = JSON.parse(json.replaceAll(':::images', `:::${name}`)) as { Statement: object[] };
    const Principal = { AWS: [`arn:aws:iam:::user/${USER}`] };
    return JSON.stringify({ ...policy, Statement: policy.Statement.map((each) => ({ ...each, Principal })) });
  }

  it('is enough to push, to pull, to delete and to collect', async () => {
    const { client } = registry;
    await pushImage(client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    await pushImage(client, 'team/app', 'old', 'former', { layers: ['layer', 'former layer'] });
    const started = await client.send({ method: 'POST', path: '/v2/team/app/blobs/uploads/' });
    const patched = await client.send({
      method: 'PATCH',
      path: String(started.headers.location),
      body: LONG,
    });
    const path = `${String(patched.headers.location)}&digest=${digestOf(LONG)}`;
    expect((await client.send({ method: 'PUT', path })).status).toBe(201);
    const { body } = await client.send({ path: `/v2/team/app/blobs/${digestOf(LONG)}` });
    expect(digestOf(body)).toBe(digestOf(LONG));
    expect((await client.send({ method: 'DELETE', path: '/v2/team/app/manifests/old' })).status).toBe(202);
    await registry.stop();
    const gc = ['gc', '--delete-untagged', '--orphans', join(temp.path, 'config.yml')];
    const collected = await runProgram(process.execPath, [PROGRAM, ...gc]);
    expect([collected.exitCode, collected.stderr]).toEqual([0, '']);
    expect(collected.stdout).toContain('Removed 1 manifest');
    await registry.start();
    expect((await client.send({ path: `/v2/team/app/blobs/${digestOf('layer')}` })).body.toString()).toBe(
      'layer',
    );
    expect(registry.lines.filter((line) => /denied|may not/i.test(line))).toEqual([]);
  });
});
