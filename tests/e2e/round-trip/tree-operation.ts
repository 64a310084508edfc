import fc from 'fast-check';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { digestOf, type Answer, type HttpClient } from '../../support/http-client.js';
import { pushBlob, putManifest } from '../../support/registry-actions.js';
import { blobsOf, imageOf, looseOf, type TreeModel } from './tree-model.js';
import { deletesTags, type ProgramName } from './tree-program.js';

/** Some inside others, some that sort between them. */
const NAMES = ['a', 'a/b', 'a-b'];
const TAGS = ['1', '2', 'latest'];

/** A request, or a change of the program that answers. */
export type TreeOperation =
  | {
      readonly kind: 'image';
      readonly name: string;
      readonly number: number;
      readonly tag: string | undefined;
    }
  | { readonly kind: 'index' | 'delete-tag'; readonly name: string; readonly tag: string }
  | { readonly kind: 'delete-image' | 'blob' | 'delete-blob'; readonly name: string; readonly number: number }
  | { readonly kind: 'mount'; readonly name: string; readonly from: string; readonly number: number }
  | { readonly kind: 'switch'; readonly to: number };

const name = fc.constantFrom(...NAMES);
const tag = fc.constantFrom(...TAGS);
const number = fc.nat(3);

export const treeOperation: fc.Arbitrary<TreeOperation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('image'),
      name,
      number,
      tag: fc.option(tag, { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('index'), name, tag }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete-tag'), name, tag }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete-image'), name, number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('blob'), name, number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete-blob'), name, number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mount'), name, from: name, number }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('switch'), to: fc.nat(2) }) },
) as fc.Arbitrary<TreeOperation>;

/** Sends the request where the program can answer it with success, and tells the model. */
export async function applyOperation(
  operation: Exclude<TreeOperation, { kind: 'switch' }>,
  program: { readonly name: ProgramName; readonly client: HttpClient },
  model: TreeModel,
): Promise<void> {
  const { client } = program;
  const remove = async (path: string): Promise<void> =>
    expectStatus(202, client.send({ method: 'DELETE', path: `/v2/${operation.name}/${path}` }));
  switch (operation.kind) {
    case 'image':
      return pushNumbered(client, model, operation);
    case 'index':
      return pushIndex(client, model, operation);
    case 'delete-tag':
      if (!model.hasTag(operation.name, operation.tag) || !deletesTags(program.name)) return;
      await remove(`manifests/${operation.tag}`);
      model.removeTag(operation.name, operation.tag);
      return;
    case 'delete-image':
      return deleteNumbered(client, model, operation);
    case 'blob':
      await pushBlob(client, operation.name, looseOf(operation.number));
      model.addBlob(operation.name, looseOf(operation.number));
      return;
    case 'delete-blob':
      if (!model.hasBlob(operation.name, looseOf(operation.number))) return;
      await remove(`blobs/${digestOf(looseOf(operation.number))}`);
      model.removeBlob(operation.name, looseOf(operation.number));
      return;
    case 'mount':
      return mountLoose(client, model, operation);
  }
}

async function pushNumbered(
  client: HttpClient,
  model: TreeModel,
  { name: repository, number: image, tag: tagged }: Extract<TreeOperation, { kind: 'image' }>,
): Promise<void> {
  for (const blob of blobsOf(image)) {
    await pushBlob(client, repository, blob);
    model.addBlob(repository, blob);
  }
  const manifest = imageOf(image);
  await expectStatus(201, putManifest(client, repository, tagged ?? digestOf(manifest), manifest));
  model.addManifest(repository, manifest, tagged);
}

/** Not what an index lists: Stowage refuses it. */
async function deleteNumbered(
  client: HttpClient,
  model: TreeModel,
  { name: repository, number: image }: { readonly name: string; readonly number: number },
): Promise<void> {
  const digest = digestOf(imageOf(image));
  if (!model.hasImage(repository, image) || model.isListed(repository, digest)) return;
  await expectStatus(202, client.send({ method: 'DELETE', path: `/v2/${repository}/manifests/${digest}` }));
  model.removeManifest(repository, digest);
}

/** Over all images that the repository has. */
async function pushIndex(
  client: HttpClient,
  model: TreeModel,
  { name: repository, tag: tagged }: { readonly name: string; readonly tag: string },
): Promise<void> {
  const index = model.index(repository);
  if (index === undefined) return;
  await expectStatus(201, putManifest(client, repository, tagged, index, MEDIA_TYPES.ociIndex));
  const { manifests } = JSON.parse(index) as { manifests: { digest: string }[] };
  model.addManifest(
    repository,
    index,
    tagged,
    manifests.map(({ digest }) => digest),
  );
}

async function mountLoose(
  client: HttpClient,
  model: TreeModel,
  { name: repository, from, number: blob }: Extract<TreeOperation, { kind: 'mount' }>,
): Promise<void> {
  const content = looseOf(blob);
  if (!model.hasBlob(from, content)) return;
  const path = `/v2/${repository}/blobs/uploads/?mount=${digestOf(content)}&from=${from}`;
  await expectStatus(201, client.send({ method: 'POST', path }));
  model.addBlob(repository, content);
}

async function expectStatus(expected: number, answer: Promise<Answer>): Promise<void> {
  const { status, body } = await answer;
  if (status !== expected) throw new Error(`${status} instead of ${expected}: ${body.toString()}`);
}
