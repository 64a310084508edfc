import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { loadBcrypt } from '../../src/infrastructure/security/bcrypt.js';
import { needsReference, ReferenceRegistry } from '../support/reference-registry.js';
import { RunningRegistry, type Settings } from '../support/start-registry.js';
import { TokenServer } from '../support/token-server.js';
import { describeWith } from '../support/tools.js';
import { differencesOf, judge, type Difference } from './behaviour/compare.js';
import type { Observed } from './behaviour/observe.js';
import { play, type Asked } from './behaviour/play.js';
import { ISSUER, SERVICE, stagesAt, type Stage } from './behaviour/stages.js';
import { makeTokens } from './behaviour/tokens.js';
import { WANTED } from './behaviour/wanted.js';
import { useTree } from './round-trip/use-tree.js';

const MIGRATING = join(import.meta.dirname, '../../docs/migrating.md');
const VERSION = '3.1.2';

describeWith(needsReference(VERSION), `the same requests to Stowage and to ${VERSION}`, () => {
  const tree = useTree('group');
  const differences: Difference[] = [];
  let requests = 0;

  const start = async (name: string, folder: string, settings: Settings) =>
    tree.keep(
      name === 'Stowage'
        ? await RunningRegistry.start({ folder, settings, readyPath: '/' })
        : await ReferenceRegistry.start(VERSION, folder, undefined, settings),
    );
  /** What a registry answers to a stage, with a folder that nobody has used before. */
  const seenBy = async (
    name: string,
    { name: stage, settings, before = [], groups }: Stage,
    known: Readonly<Record<string, string>>,
  ): Promise<ReadonlyMap<string, Observed>> => {
    const folder = join(tree.folder, `${name} ${stage}`.replaceAll(' ', '-'));
    const run = async (with_: Settings, ask: (asked: Asked) => Promise<ReadonlyMap<string, Observed>>) => {
      const registry = await start(name, folder, with_);
      const seen = await ask(registry);
      await registry.stop();
      return seen;
    };
    if (before.length > 0) await run({}, (asked) => play(asked, before, known));
    return run(settings, (asked) => play(asked, groups, known));
  };

  beforeAll(async () => {
    const bcrypt = await loadBcrypt();
    const htpasswd = join(tree.folder, 'htpasswd');
    await writeFile(htpasswd, `alice:${await bcrypt.hash(Buffer.from('s3cret'), 5)}\n`);
    const options = { service: SERVICE, issuer: ISSUER, users: {} };
    // They are not asked: only their keys are needed.
    const [signer, stranger] = [
      await TokenServer.start(options, false),
      await TokenServer.start(options, false),
    ];
    const certificate = join(tree.folder, 'token.crt');
    await writeFile(certificate, signer.certificate);
    const known = await makeTokens(signer, stranger);
    for (const stage of stagesAt({ htpasswd, certificate, realm: 'https://auth.example/token' })) {
      const theirs = await seenBy('reference', stage, known);
      const ours = await seenBy('Stowage', stage, known);
      requests += theirs.size;
      differences.push(...differencesOf(theirs, ours));
    }
  });

  it('are several hundred', () => {
    expect(requests).toBeGreaterThan(1_300);
  });

  it('are answered the same, but where another answer is wanted; and there it is another', () => {
    expect(judge(differences, WANTED)).toEqual({ unwanted: [], unused: [] });
  });

  it('each difference has its reason in docs/migrating.md, and each reason there its difference', async () => {
    const text = await readFile(MIGRATING, 'utf8');
    const section = /^### What answers differently$(.*?)^##/ms.exec(text)?.[1] ?? '';
    const documented = [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, reason = '']) => reason);
    expect([...new Set(WANTED.map(({ reason }) => reason))].toSorted()).toEqual(documented.toSorted());
  });
});
