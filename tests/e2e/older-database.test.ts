import { DatabaseSync } from '@photostructure/sqlite';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pushImage } from '../support/registry-actions.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

/** The schema before the name journal, whose registry wrote no link files. */
const BACK_TO_THE_FIRST = `
  DROP TABLE journal; DROP TABLE database_identity; DROP TABLE adoption; DROP TABLE unreadable;
  DROP TABLE orphan_scan; DROP TABLE orphan_candidate; DROP TABLE former_name; DROP TABLE departed_subject; DROP TABLE waiting_bytes; DROP TABLE outbox_event; DROP TABLE outbox_endpoint; DROP INDEX manifest_incomplete;
  CREATE INDEX upload_repository ON upload (repository_id);
  ALTER TABLE content DROP COLUMN unverified; ALTER TABLE manifest DROP COLUMN incomplete;
  DELETE FROM kysely_migration WHERE name >= '0002'`;

describe('a database from before there were link files', () => {
  let temp: TempDir;
  let registry: RunningRegistry;

  beforeEach(async () => {
    temp = await makeTempDir();
    registry = await RunningRegistry.start({ folder: temp.path });
    await pushImage(registry.client, 'team/app', 'v1', 'config', { layers: ['layer'] });
    await registry.stop();
    const data = join(temp.path, 'data');
    const database = new DatabaseSync(join(data, 'stowage', 'metadata.db'));
    database.exec(BACK_TO_THE_FIRST);
    database.close();
    await rm(join(data, 'docker/registry/v2/repositories'), { recursive: true });
    await rm(join(data, 'stowage', 'owner.json'));
    await rm(join(data, 'stowage', 'flushed'));
  });
  afterEach(async () => {
    await registry.kill9();
    await temp.remove();
  });

  it('keeps every name, and gets its links', async () => {
    await registry.restart();
    const tags = await registry.client.send({ method: 'GET', path: '/v2/team/app/tags/list' });
    expect(JSON.parse(tags.body.toString())).toEqual({ name: 'team/app', tags: ['v1'] });
    await registry.stop();
    const link = 'data/docker/registry/v2/repositories/team/app/_manifests/tags/v1/current/link';
    expect(await readFile(join(temp.path, link), 'utf8')).toMatch(/^sha256:[0-9a-f]{64}$/);
    await registry.restart();
    const manifest = await registry.client.send({ method: 'GET', path: '/v2/team/app/manifests/v1' });
    expect(manifest.status).toBe(200);
  });
});
