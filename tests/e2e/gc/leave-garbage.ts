import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { digestOf, type HttpClient } from '../../support/http-client.js';
import {
  imageManifest,
  indexManifest,
  pushBlob,
  pushImage,
  putManifest,
} from '../../support/registry-actions.js';

/** Repositories that `leaveGarbage` fills. */
const [APP, LISTS, OTHER] = ['gc/app', 'gc/lists', 'gc/other'];

/** Everything that was pushed, by what it is, and its digest. */
export type Named = ReadonlyMap<string, string>;

/** Pushes, moves and deletes through the requests that any registry takes, so that garbage of every kind is left. */
export async function leaveGarbage(client: HttpClient): Promise<Named> {
  const work = new Garbage(client);
  await work.images();
  await work.lists();
  await work.referrers();
  await work.betweenRepositories();
  return work.names;
}

class Garbage {
  readonly names = new Map<string, string>();
  readonly #client: HttpClient;

  constructor(client: HttpClient) {
    this.#client = client;
  }

  async images(): Promise<void> {
    await this.#image(APP, 'tagged', 'v1');
    await this.#image(APP, 'retagged', 'latest');
    await this.#image(APP, 'retagged twice', 'latest');
    await this.#image(APP, 'latest', 'latest');
    await this.#image(APP, 'never tagged');
    const deleted = await this.#image(APP, 'deleted', 'gone');
    await this.#delete(APP, deleted);
    this.#name('loose', await pushBlob(this.#client, APP, 'loose'));
    // The only repository with nothing but garbage.
    this.#name('loose alone', await pushBlob(this.#client, 'gc/loose', 'loose alone'));
    await pushBlob(this.#client, OTHER, 'loose');
  }

  async lists(): Promise<void> {
    const [amd, arm, s390, riscv] = [
      await this.#image(LISTS, 'child amd'),
      await this.#image(LISTS, 'child arm'),
      await this.#image(LISTS, 'child of the former list'),
      await this.#image(LISTS, 'deep child'),
    ];
    await this.#list('former list', [amd, s390], 'multi');
    await this.#list('list', [amd, arm], 'multi');
    const inner = await this.#list('inner list', [riscv]);
    await this.#list('outer list', [inner], 'deep', MEDIA_TYPES.ociIndex);
    const alone = await this.#image(LISTS, 'child of an untagged list');
    await this.#list('untagged list', [alone]);
    const deleted = await this.#image(LISTS, 'child of a deleted list');
    await this.#delete(LISTS, await this.#list('deleted list', [deleted], 'gone'));
  }

  async referrers(): Promise<void> {
    const subject = await this.#image(APP, 'subject', 'signed');
    const signature = await this.#refer('signature', subject);
    await this.#refer('signature of the signature', signature);
    const going = await this.#image(APP, 'subject that goes');
    await this.#refer('signature that goes', going);
  }

  async betweenRepositories(): Promise<void> {
    const common = await this.#image(APP, 'common', 'common');
    await this.#image(OTHER, 'common', 'common');
    await this.#delete(APP, common);
    const elsewhere = await this.#image(APP, 'kept elsewhere');
    await this.#image(OTHER, 'kept elsewhere', 'kept');
    expectSame(elsewhere, this.names.get('kept elsewhere'));
  }

  /** With a layer that all have, and one of its own. @returns its manifest's digest */
  async #image(repository: string, what: string, tag?: string): Promise<string> {
    const layers = ['shared by all', `layer of ${what}`];
    const manifest = await pushImage(this.#client, repository, tag, `config of ${what}`, { layers });
    for (const content of [...layers, `config of ${what}`]) this.#name(content, digestOf(content));
    return this.#name(what, digestOf(manifest));
  }

  async #refer(what: string, subject: string): Promise<string> {
    const manifest = await pushImage(this.#client, APP, undefined, `config of ${what}`, {
      subject: { mediaType: MEDIA_TYPES.ociManifest, digest: subject, size: await this.#sizeOf(subject) },
      artifactType: 'example/signature',
    });
    this.#name(`config of ${what}`, digestOf(`config of ${what}`));
    return this.#name(what, digestOf(manifest));
  }

  async #list(
    what: string,
    children: readonly string[],
    tag?: string,
    mediaType: string = MEDIA_TYPES.ociManifest,
  ): Promise<string> {
    const manifests = await Promise.all(
      children.map(async (digest) => ({ mediaType, digest, size: await this.#sizeOf(digest, LISTS) })),
    );
    const body = JSON.stringify({ ...(JSON.parse(indexManifest([])) as object), manifests });
    const answer = await putManifest(this.#client, LISTS, tag ?? digestOf(body), body, MEDIA_TYPES.ociIndex);
    expectSame(answer.status, 201);
    return this.#name(what, digestOf(body));
  }

  async #sizeOf(digest: string, repository = APP): Promise<number> {
    const headers = { accept: `${MEDIA_TYPES.ociManifest}, ${MEDIA_TYPES.ociIndex}` };
    const { body } = await this.#client.send({ path: `/v2/${repository}/manifests/${digest}`, headers });
    expectSame(digestOf(body), digest);
    return body.length;
  }

  async #delete(repository: string, digest: string): Promise<void> {
    const path = `/v2/${repository}/manifests/${digest}`;
    expectSame((await this.#client.send({ method: 'DELETE', path })).status, 202);
  }

  #name(what: string, digest: string): string {
    this.names.set(what, digest);
    return digest;
  }
}

/** An image whose layer has a sha512 digest, as only Stowage keeps it. */
export async function pushSha512(client: HttpClient, repository: string): Promise<Named> {
  const layer = await pushBlob(client, repository, 'long layer', 'sha512');
  await pushBlob(client, repository, 'long config');
  const manifest = imageManifest('long config', { layers: ['long layer'] }).replace(
    digestOf('long layer'),
    layer,
  );
  expectSame((await putManifest(client, repository, 'v1', manifest)).status, 201);
  return new Map([
    ['long layer', digestOf('long layer')],
    ['long config', digestOf('long config')],
    ['long image', digestOf(manifest)],
  ]);
}

function expectSame(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} instead of ${String(expected)}`);
}
