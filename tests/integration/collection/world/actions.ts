import type { Manifest } from '../../../../src/domain/manifest/manifest.js';
import { Repository } from '../../../../src/domain/repository/repository.js';
import { blobOf, image, repository, tag } from '../../../contract/metadata/metadata-actions.js';
import { QUIET_CONTEXT } from '../../../support/application-under-test.js';
import { bodyOf } from '../../../support/fakes.js';
import type { CollectionProcess } from './collection-process.js';
import { QUIET_LISTENER } from './quiet-listener.js';

const NEVER = new AbortController().signal;

export async function pushContent(process: CollectionProcess, name: string, content: string): Promise<void> {
  const { digest, size } = blobOf(content);
  const request = { repository: repository(name), digest, length: size, body: bodyOf(content) };
  await process.pushBlob.execute(request, QUIET_CONTEXT);
}

/** A session whose bytes come in two requests. */
export async function pushInPieces(process: CollectionProcess, name: string, content: string): Promise<void> {
  const at = { repository: repository(name) };
  const claim = { range: undefined, length: undefined, locationOffset: undefined };
  const id = await process.startUpload.execute({ ...at, algorithm: 'sha256' });
  await process.appendChunk.execute({ ...at, id, claim, body: bodyOf(content.slice(0, 3)) });
  const request = { ...at, id, digest: blobOf(content).digest, claim, body: bodyOf(content.slice(3)) };
  await process.completeUpload.execute(request, QUIET_CONTEXT);
}

export async function mountContent(
  process: CollectionProcess,
  content: string,
  from: string | undefined,
  to: string,
): Promise<boolean> {
  const { digest } = blobOf(content);
  const request = { repository: new Repository(repository(to)), digest, from };
  return process.mountBlob.execute(request, QUIET_CONTEXT);
}

export async function putManifest(
  process: CollectionProcess,
  name: string,
  { bytes, mediaType, digest }: Manifest,
  tagged?: string,
): Promise<void> {
  await process.pushManifest.execute(
    {
      repository: new Repository(repository(name)),
      reference: tagged === undefined ? digest : tag(tagged),
      tagParameters: [],
      contentType: mediaType,
      bytes,
    },
    QUIET_CONTEXT,
  );
}

/** The blobs, each by itself, then the manifest. */
export async function pushWhole(
  process: CollectionProcess,
  name: string,
  contents: readonly [string, ...string[]],
  tagged?: string,
): Promise<Manifest> {
  const [config, ...layers] = contents;
  for (const content of contents) await pushContent(process, name, content);
  const manifest = image(config, { layers });
  await putManifest(process, name, manifest, tagged);
  return manifest;
}

export async function deleteWhole(
  process: CollectionProcess,
  name: string,
  manifest: Manifest,
): Promise<void> {
  await process.deleteManifest.execute(
    { repository: repository(name), digest: manifest.digest },
    QUIET_CONTEXT,
  );
}

/** As a client does that looks first and pushes what is missing. @returns whether nothing was missing */
export async function isThere(process: CollectionProcess, name: string, content: string): Promise<boolean> {
  try {
    await process.statBlob.execute({ repository: repository(name), digest: blobOf(content).digest });
    return true;
  } catch {
    return false;
  }
}

export async function pullWhole(process: CollectionProcess, name: string, manifest: Manifest): Promise<void> {
  const at = { repository: repository(name) };
  await process.pullManifest.execute({ ...at, reference: manifest.digest });
  for (const { digest } of manifest.references) {
    if (digest === undefined) continue;
    const pulled = await process.pullBlob.execute({ ...at, digest });
    await pulled.bytes();
    await (await pulled.open(0)).close();
  }
}

/** What is due by the configured grace, until nothing is. */
export async function collect(process: CollectionProcess, untagged = false): Promise<void> {
  const request = { grace: process.grace, requested: false, untagged, batch: 100, pause: 0 };
  await process.collect.execute(request, QUIET_LISTENER, NEVER);
}
