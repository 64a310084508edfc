import { beforeAll, expect, it } from 'vitest';
import { digestOf, type HttpClient } from '../../support/http-client.js';
import { needsReference, type ReferenceVersion } from '../../support/reference-registry.js';
import { imageManifest, pushBlob, pushImage } from '../../support/registry-actions.js';
import { describeWith, type Needs } from '../../support/tools.js';
import { deletesTags, startProgram, type ProgramName, type TreeProgram } from '../round-trip/tree-program.js';
import type { TreeUnderTest } from '../round-trip/use-tree.js';
import { isListed, LOOSE, OPERATIONS, prepare, tagged } from './operations.js';

/** On which storage, and what that needs. */
export interface OutagePlace {
  readonly called: string;
  readonly needs: Needs;
  /** Called within the group. */
  use(): TreeUnderTest;
}

/** What the reference did while Stowage was stopped is seen by the next start, on a tree that `home` has made. */
export function describeOutage(version: ReferenceVersion, home: ProgramName, place: OutagePlace): void {
  const operations = OPERATIONS.filter(
    ({ needsTagDelete = false }) => !needsTagDelete || deletesTags(version),
  );
  const tools = [...(needsReference(version).tools ?? []), ...(place.needs.tools ?? [])];
  const title = `on ${place.called} of ${home}, what ${version} did while Stowage was stopped`;
  describeWith({ ...place.needs, tools }, title, () => {
    const before = new Map<string, unknown>();
    const tree = place.use();
    let stowage: TreeProgram | undefined;

    beforeAll(async () => {
      const first = tree.keep(await startProgram(home, tree));
      await prepare(first.client, operations);
      await first.stop();
      stowage = tree.keep(await startProgram('Stowage', tree));
      for (const { repository, look } of operations)
        before.set(repository, await look(stowage.client, repository));
      before.set('op/new-repository', await isListed(stowage.client, 'op/new-repository'));
      await stowage.stop();
      const reference = tree.keep(await startProgram(version, tree));
      for (const { repository, change } of operations) await change?.(reference.client, repository);
      await pushImage(reference.client, 'op/new-repository', '1', 'config', { layers: ['layer'] });
      await reference.stop();
      await reference.collectGarbage();
      await stowage.start();
    });

    const client = (): HttpClient => {
      if (stowage === undefined) throw new Error('used before it was started');
      return stowage.client;
    };

    it.each(operations)('is seen: $what', async ({ repository, look, before: was, after }) => {
      expect(before.get(repository)).toEqual(was);
      expect(await look(client(), repository)).toEqual(after);
    });

    it('is seen: a new repository', async () => {
      expect(before.get('op/new-repository')).toBe(false);
      expect(await isListed(client(), 'op/new-repository')).toBe(true);
      expect(await tagged('1')(client(), 'op/new-repository')).toBe(
        digestOf(imageManifest('config', { layers: ['layer'] })),
      );
    });

    it('does not keep a collected blob from being pushed again', async () => {
      await pushBlob(client(), 'op/collected', 'loose');
      const { body } = await client().send({ path: `/v2/op/collected/${LOOSE}` });
      expect(body.toString()).toBe('loose');
    });
  });
}
