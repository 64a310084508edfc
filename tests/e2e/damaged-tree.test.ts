import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { damageTree, type DamagedTree, type Kept } from '../support/damage-tree.js';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { generateTree } from '../support/large-tree.js';
import { needsReference, ReferenceRegistry, REFERENCE_VERSIONS } from '../support/reference-registry.js';
import { differences, walkRegistry } from '../support/registry-walk.js';
import { runProgram } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { describeWith } from '../support/tools.js';
import { useTree } from './round-trip/use-tree.js';

const ACCEPT = {
  accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
};
/** Root reads everything, unless it gives that up. */
const BOUNDED =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', process.execPath]
    : [process.execPath];
const SMALL = { repositories: 13, tags: 60, blobs: 150 };

describeWith({ tools: ['mkfifo', 'setpriv'] }, 'a tree with every kind of damage', () => {
  const tree = useTree('group');
  let damaged: DamagedTree | undefined;
  let registry: RunningRegistry | undefined;

  beforeAll(async () => {
    const root = join(tree.folder, 'data');
    generateTree(root, SMALL);
    damaged = damageTree(root);
    registry = tree.keep(await RunningRegistry.start({ folder: tree.folder, runner: BOUNDED }));
  });
  // Who is not root can not remove what is closed to him.
  afterAll(async () => runProgram('chmod', ['-R', 'u+rwX', join(tree.folder, 'data')]));
  const client = (): HttpClient => started(registry).client;

  it('is adopted, and each damage is named in the log with a reason', () => {
    const lines = started(registry).lines;
    expect(unnamed(started(damaged), lines)).toEqual([]);
    for (const path of started(damaged).ignored)
      expect(lines.filter((line) => line.includes(path))).toEqual([]);
  });

  it('is served as far as it is whole', async () => {
    for (const kept of started(damaged).served) expect(await pulled(client(), kept)).toEqual(kept);
  });

  it('says 404 for the rest, never 500', async () => {
    for (const { repository, tag } of started(damaged).lost) {
      const { status } = await client().send({ path: `/v2/${repository}/manifests/${tag}`, headers: ACCEPT });
      expect([repository, tag, status]).toEqual([repository, tag, 404]);
    }
  });

  it('has repositories that are listed and pulled, and refused for new pushes, since only the reference allows their names', async () => {
    const catalog = (await client().send({ path: '/v2/_catalog?n=1000' })).body.toString();
    for (const kept of started(damaged).pulledOnly) {
      expect(await pulled(client(), kept)).toEqual(kept);
      expect(catalog).toContain(`"${kept.repository}"`);
      const push = await client().send({ method: 'POST', path: `/v2/${kept.repository}/blobs/uploads/` });
      expect([push.status, errorCodes(push)]).toEqual([400, ['NAME_INVALID']]);
    }
  });

  it('takes pushes beside the damage, and over it', async () => {
    const { repository, tag } = { repository: 'damaged/cut-links', tag: 'lost' };
    const { body } = await client().send({ path: `/v2/${repository}/manifests/whole`, headers: ACCEPT });
    const answer = await client().send({
      method: 'PUT',
      path: `/v2/${repository}/manifests/${tag}`,
      headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
      body,
    });
    expect(answer.status).toBe(201);
    expect(await pulled(client(), { repository, tag, digest: digestOf(body) })).toMatchObject({
      digest: digestOf(body),
    });
  });

  it('is reported whole by index rebuild --json, which reads it as well', async () => {
    await started(registry).stop();
    const { folder } = tree;
    const [command = '', ...before] = BOUNDED;
    const { stdout, stderr, exitCode } = await runProgram(
      command,
      [...before, PROGRAM, 'index', 'rebuild', join(folder, 'config.yml'), '--json'],
      { cwd: folder },
    );
    expect([0, 1], stderr).toContain(exitCode);
    const report = stdout.split('\n').flatMap((line) => (line === '' ? [] : [line]));
    // The tag that a test has pushed again is whole now.
    const left = started(damaged).reported.filter(({ what }) => what !== 'a truncated link of a tag');
    expect(unnamed({ ...started(damaged), reported: left }, report)).toEqual([]);
    await started(registry).start();
    for (const kept of started(damaged).served) expect(await pulled(client(), kept)).toEqual(kept);
  });
});

for (const version of REFERENCE_VERSIONS) {
  describeWith(
    needsReference(version),
    `what the tests write as a tree of the reference, read by ${version}`,
    () => {
      const tree = useTree('test');

      it('is served by it, and by Stowage as by it', async () => {
        const counts = generateTree(join(tree.folder, 'data'), SMALL);
        expect(counts).toMatchObject(SMALL);
        const reference = tree.keep(await ReferenceRegistry.start(version, tree.folder));
        const seen = await walkRegistry(reference);
        await reference.stop();
        const keys = [...seen.keys()];
        expect(keys.filter((key) => key.startsWith('catalog ')).length).toBe(SMALL.repositories);
        expect(keys.filter((key) => /^team[^:@ ]+:[\d.]+$/.test(key)).length).toBe(SMALL.tags);
        expect([...seen].filter(([, answer]) => /^[45]|HEAD|are/.test(answer))).toEqual([]);
        const stowage = tree.keep(await RunningRegistry.start({ folder: tree.folder }));
        const again = await walkRegistry(stowage);
        await stowage.stop();
        expect(differences(seen, again)).toEqual([]);
      });
    },
  );
}

/** What no line names, with more words than its path. */
function unnamed({ reported }: DamagedTree, lines: readonly string[]): string[] {
  const isNamed = (path: string): boolean =>
    lines.some((line) => line.includes(path) && line.length > path.length + 10);
  return reported
    .filter(({ paths }) => !paths.some(isNamed))
    .map(({ what, paths }) => `${what}: ${paths.join(' or ')}`);
}

async function pulled(client: HttpClient, { repository, tag }: Kept): Promise<unknown> {
  const { status, body } = await client.send({ path: `/v2/${repository}/manifests/${tag}`, headers: ACCEPT });
  return { repository, tag, digest: status === 200 ? digestOf(body) : status };
}

function started<V>(value: V | undefined): V {
  if (value === undefined) throw new Error('used before it was started');
  return value;
}
