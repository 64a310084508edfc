import { ON_REQUEST } from '../../../../src/domain/lifecycle/grace.js';
import { encodeDigest } from '../../../../src/infrastructure/metadata/sql/digest-codec.js';
import { blobOf, repository } from '../../../contract/metadata/metadata-actions.js';
import { QUIET_CONTEXT } from '../../../support/application-under-test.js';
import { bodyOf } from '../../../support/fakes.js';
import type { CollectionWorld } from './collection-world.js';
import { runAlone } from './come-to-rest.js';

const ADOPTED = 'old/adopted';
const UNREADABLE = 'old/unreadable';

/**
 * What only a request may take: a blob as it is after an adoption, one beside something that can not be read, and one of
 * which an unreadable link speaks.
 */
export async function prepareSpecialContent(world: CollectionWorld): Promise<void> {
  await push(world, ADOPTED, 'adopted');
  world.raw
    .prepare(
      'UPDATE blob_link SET review_after = ? WHERE content_id = (SELECT id FROM content WHERE digest = ?)',
    )
    .run(ON_REQUEST, encodeDigest(blobOf('adopted').digest));
  await push(world, UNREADABLE, 'beside the unreadable');
  await push(world, UNREADABLE, 'named by the unreadable');
  const named = blobOf('named by the unreadable').digest;
  world.raw
    .prepare(
      "INSERT INTO unreadable (repository_id, path, digest, reason) SELECT id, 'a/path', ?, 'is cut off' FROM repository WHERE name = ?",
    )
    .run(encodeDigest(named), UNREADABLE);
  const { model } = world;
  model.untouchable.add(UNREADABLE).add(blobOf('adopted').digest.toString()).add(named.toString());
  // A client may take the link out; what the unreadable link speaks of stays even then.
  const [process] = world.processes;
  if (process !== undefined) {
    await runAlone(world, () =>
      process.deleteBlob.execute({ repository: repository(UNREADABLE), digest: named }, QUIET_CONTEXT),
    );
  }
}

async function push(world: CollectionWorld, name: string, content: string): Promise<void> {
  const [process] = world.processes;
  if (process === undefined) throw new Error('there is no process');
  const { digest, size } = blobOf(content);
  const request = { repository: repository(name), digest, length: size, body: bodyOf(content) };
  await runAlone(world, () => process.pushBlob.execute(request, QUIET_CONTEXT));
}
