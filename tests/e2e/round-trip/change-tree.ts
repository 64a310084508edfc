import { digestOf, type HttpClient } from '../../support/http-client.js';
import { imageManifest, pushBlob, pushImage, putManifest } from '../../support/registry-actions.js';
import type { AlsoAsked } from '../../support/registry-walk.js';
import { deletesTags, type ProgramName } from './tree-program.js';

/** The images whose names move between the programs. */
export interface Moving {
  readonly first: string;
  readonly second: string;
  readonly gone: string;
}

const NAME = 'changed/app';
const UNTAGGED = 'never had a tag';

/** What `changeTree` changes: tags that will move, images and a blob that will be deleted. */
export async function pushMoving(client: HttpClient): Promise<Moving> {
  const first = await pushImage(client, NAME, 'moving', 'first', { layers: ['layer'] });
  const second = await pushImage(client, NAME, 'second', 'second', { layers: ['layer', 'another'] });
  const gone = await pushImage(client, NAME, 'gone', 'gone');
  for (const tag of ['gone-too', 'deleted', 'deleted-too']) {
    await sent(putManifest(client, NAME, tag, tag === 'gone-too' ? gone : second), 201);
  }
  await pushImage(client, NAME, undefined, UNTAGGED);
  await pushBlob(client, NAME, 'loose');
  return { first, second, gone };
}

/**
 * Moves tags, to what is new and back to what they named before; deletes an image with its tags, an untagged one, a
 * blob, and tags where the program can; pushes again what the round before has deleted.
 * @returns what is no longer in any list
 */
export async function changeTree(
  client: HttpClient,
  program: ProgramName,
  { first, second, gone }: Moving,
  round: number,
): Promise<AlsoAsked> {
  const fresh = await pushImage(client, NAME, `new-${round}`, `new ${round}`, {
    layers: [`new layer ${round}`],
  });
  await pushImage(client, `changed/new-${round}`, '1', 'first image of a repository', { layers: ['layer'] });
  await sent(putManifest(client, NAME, 'moving', second), 201);
  await sent(putManifest(client, NAME, 'moving', fresh), 201);
  await sent(putManifest(client, NAME, 'moving', round % 2 === 0 ? second : first), 201);
  await sent(putManifest(client, NAME, 'second', round % 2 === 0 ? first : second), 201);
  const loose = digestOf('loose');
  const untagged = digestOf(imageManifest(UNTAGGED));
  if (round % 2 === 0) {
    await sent(client.send({ method: 'DELETE', path: `/v2/${NAME}/manifests/${digestOf(gone)}` }), 202);
    await sent(client.send({ method: 'DELETE', path: `/v2/${NAME}/manifests/${untagged}` }), 202);
    await sent(client.send({ method: 'DELETE', path: `/v2/${NAME}/blobs/${loose}` }), 202);
  } else {
    await pushImage(client, NAME, 'gone', 'gone');
    await pushImage(client, NAME, undefined, UNTAGGED);
    await pushBlob(client, NAME, 'loose');
  }
  const tag = round % 2 === 0 ? 'deleted' : 'deleted-too';
  if (deletesTags(program))
    await sent(client.send({ method: 'DELETE', path: `/v2/${NAME}/manifests/${tag}` }), 202);
  return {
    manifests: [`${NAME}@${digestOf(gone)}`, `${NAME}@${untagged}`],
    blobs: [`${NAME}/blobs/${loose}`],
  };
}

async function sent(answer: ReturnType<HttpClient['send']>, status: number): Promise<void> {
  const { status: actual, body } = await answer;
  if (actual !== status) throw new Error(`${actual} instead of ${status}: ${body.toString()}`);
}
