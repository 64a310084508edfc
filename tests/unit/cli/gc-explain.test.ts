import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigurationRequest } from '../../../src/application/ports/system/configuration-reader.js';
import type { CollectionPolicy } from '../../../src/application/services/content-explanation.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { runCli } from '../../../src/interfaces/cli/cli.js';
import type { Command } from '../../../src/interfaces/cli/command.js';
import { GcExplainCommand } from '../../../src/interfaces/cli/commands/gc-explain.js';
import {
  blobOf,
  DAY,
  HOUR,
  image,
  index,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
} from '../../contract/metadata/metadata-actions.js';
import {
  ExplainedDatabase,
  LEAVES_UNTAGGED,
  REMOVES_UNTAGGED,
} from '../../integration/maintenance/explained-database.js';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly requests: readonly ConfigurationRequest[];
}

interface When {
  /** How long (ms) behind the pushes. */
  readonly after?: number;
  readonly policy?: CollectionPolicy;
}

describe('gc explain', () => {
  let database: ExplainedDatabase;
  const team = repository('team/app');
  beforeEach(async () => {
    database = await ExplainedDatabase.open();
  });
  afterEach(() => database.dispose());

  async function invoked(words: readonly string[], { after = 0, policy }: When = {}): Promise<Outcome> {
    const written = { out: '', err: '' };
    const requests: ConfigurationRequest[] = [];
    let open = 0;
    const terminal = {
      stdout: { write: (text: string) => void (written.out += text) },
      stderr: { write: (text: string) => void (written.err += text) },
      colour: false,
      interactive: false,
      width: 100,
    };
    const opened = async (request: ConfigurationRequest) => {
      requests.push(request);
      open += 1;
      return { explain: database.useCaseAt(after, policy), close: async () => void (open -= 1) };
    };
    const gc: Command = {
      name: 'gc',
      summary: 'Collect',
      options: {},
      examples: [],
      commands: [new GcExplainCommand(opened, terminal)],
      run: () => Promise.reject(new Error('gc itself was run')),
    };
    const argv = ['gc', 'explain', ...words];
    const code = await runCli(argv, { name: 'stowage', version: '1.2.3', terminal, commands: [gc] });
    expect(open).toBe(0);
    return { code, ...written, requests };
  }

  /** What it prints of something that is known, without the digests. */
  async function told(reference: string, when?: When): Promise<readonly string[]> {
    const { code, out, err } = await invoked([reference], when);
    expect([code, err]).toEqual([0, '']);
    const short = out.replaceAll(/sha256:[0-9a-f]{64}/g, (digest) => names.get(digest) ?? digest);
    return short.trimEnd().split('\n');
  }
  const names = new Map<string, string>();
  const call = (manifest: Manifest, name: string): Manifest => {
    names.set(manifest.digest.toString(), name);
    return manifest;
  };
  const blobNamed = (content: string): string => {
    names.set(blobOf(content).digest.toString(), content);
    return blobOf(content).digest.toString();
  };

  it('tells by lines what holds a layer, from the tag on', async () => {
    const layer = blobNamed('LAYER');
    const child = call(await pushImage(database.ports, 'team/app', 'config', { layers: ['LAYER'] }), 'CHILD');
    await put(database.ports, 'team/app', call(index([child.digest]), 'INDEX'), { tags: ['v1', 'latest'] });
    const lines = [
      'team/app has it as a blob, linked 2023-11-14 22:13:20 UTC (3 h ago).',
      '  tags latest, v1',
      '    index INDEX',
      '      manifest CHILD',
      '        layer LAYER',
    ];
    const when = { after: 3 * HOUR };
    expect(await told(layer, when)).toEqual(['LAYER is kept.', 'Its bytes: 5 B.', ...lines]);
    expect(await told(`team/app@${layer}`, when)).toEqual([
      'team/app@LAYER is kept.',
      'Its bytes: 5 B.',
      ...lines,
    ]);
  });

  it('tells of the image that a tag names, and of children and referrers that they go with none', async () => {
    const child = call(await pushImage(database.ports, 'team/app', 'config'), 'CHILD');
    const parent = call(index([child.digest]), 'INDEX');
    await put(database.ports, 'team/app', parent, { tags: ['v1'] });
    const sbom = await pushImage(database.ports, 'team/app', 'sbom', { subject: parent.digest });
    call(sbom, 'SBOM');
    expect((await told('team/app:v1', { after: DAY })).slice(2)).toEqual([
      'team/app has it as a manifest (application/vnd.oci.image.index.v1+json), pushed 2023-11-14 22:13:20 UTC (24 h ago).',
      '  tag v1',
      '    index INDEX',
    ]);
    expect((await told(`team/app@${child.digest.toString()}`)).slice(3)).toEqual([
      '  tag v1',
      '    index INDEX',
      '      manifest CHILD',
      '  `stowage gc --delete-untagged` leaves it where it is: an index that is kept lists it.',
    ]);
    expect((await told(`team/app@${sbom.digest.toString()}`)).slice(3)).toEqual([
      '  tag v1',
      '    index INDEX',
      '      manifest SBOM, whose subject is the one above',
      '  `stowage gc --delete-untagged` leaves it where it is: its subject is kept.',
    ]);
  });

  it('tells what keeps an untagged manifest, and what would end that', async () => {
    const lost = call(image('nowhere'), 'LOST');
    const untagged = await pushImage(database.ports, 'team/app', 'old', { subject: lost.digest });
    const reference = `team/app@${call(untagged, 'UNTAGGED').digest.toString()}`;
    const subject = '  Its subject LOST is not in the repository, and holds nothing.';
    expect((await told(reference, { after: HOUR })).slice(3)).toEqual([
      '  No tag reaches it; untagged manifests stay until somebody asks for their removal.',
      '  `stowage gc --delete-untagged` removes it after 2023-11-15 22:13:20 UTC (in 23 h), with --grace 0 at once.',
      subject,
    ]);
    const later = { after: 9 * DAY, policy: REMOVES_UNTAGGED };
    expect(await told(reference, later)).toEqual([
      'team/app@UNTAGGED goes: due since 2023-11-15 22:13:20 UTC (8 days ago).',
      expect.stringContaining('Its bytes: '),
      expect.stringContaining('team/app has it as a manifest'),
      '  No tag reaches it. The registry removes it (gc.untagged): due since 2023-11-15 22:13:20 UTC (8 days ago).',
      '  `stowage gc --delete-untagged` removes it at once.',
      subject,
      'Its bytes go when no repository has them any more: due since 2023-11-15 22:13:20 UTC (8 days ago).',
      'Its bytes stay until the links of these are written: team/app revision UNTAGGED.',
    ]);
    expect((await told(blobNamed('old'), later)).slice(3)).toEqual([
      '  manifest UNTAGGED (no tag reaches it; `stowage gc explain team/app@UNTAGGED` says more)',
      '    config old',
    ]);
  });

  it('tells when a blob goes, and by whom', async () => {
    const blob = blobNamed('X');
    await pushBlob(database.ports, 'team/app', 'X');
    const policy = { ...LEAVES_UNTAGGED, collects: false };
    const lines = await told(`team/app@${blob}`, { after: DAY, policy });
    expect([lines[0], ...lines.slice(3, 5), ...lines.slice(6)]).toEqual([
      'team/app@X goes: not before 2023-11-16 10:13:20 UTC (in 12 h).',
      '  No manifest references it. It leaves the repository: not before 2023-11-16 10:13:20 UTC (in 12 h).',
      'Its bytes go when no repository has them any more: not before 2023-11-16 10:13:20 UTC (in 12 h).',
      'The registry does not collect by itself (gc.enabled): `stowage gc` does.',
    ]);
  });

  it('tells what can not be read, and what ends its hold', async () => {
    const blob = blobNamed('X');
    await pushBlob(database.ports, 'team/app', 'X');
    database.makeUnreadable(team, 'docker/some/link');
    expect((await told(blob)).slice(3)).toEqual([
      '  Something there can not be read, so all that the repository has is kept',
      '  (`stowage gc --drop-unreadable team/app` ends that):',
      '    docker/some/link is cut off',
    ]);
  });

  it('tells of bytes that nobody has, that are elsewhere, or on their way out', async () => {
    const blob = blobNamed('X');
    await pushBlob(database.ports, 'other', 'X');
    expect((await told(`team/app@${blob}`)).slice(0, 4)).toEqual([
      'X goes: not before 2023-11-16 10:13:20 UTC (in 36 h).',
      'Its bytes: 1 B.',
      'team/app does not have it; others do.',
      expect.stringContaining('other has it as a blob'),
    ]);
    await database.ports.blobs.unlink(repository('other'), blobOf('X').digest, NOW);
    expect((await told(blob, { after: DAY })).slice(0, 3)).toEqual([
      'X goes: due since 2023-11-15 22:13:20 UTC (now).',
      'Its bytes: 1 B.',
      'No repository has it. Its bytes go: due since 2023-11-15 22:13:20 UTC (now).',
    ]);
    database.setContent(blobOf('X').digest, `state = 2, claim = x'01', claimed_until = ${NOW + HOUR}`);
    expect(await told(blob, { after: 60_000 })).toEqual([
      'X is being removed.',
      'Its bytes: 1 B.',
      'Its bytes are being removed; whoever pushes it waits. Whoever removes them has time until 2023-11-14 23:13:20 UTC (in 59 min).',
    ]);
  });

  it('answers a program with an object', async () => {
    const manifest = await pushImage(database.ports, 'team/app', 'config', { tags: ['v1'] });
    const { code, out, requests } = await invoked(['team/app:v1', 'a.yml', '--json', '--root', '/srv']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      digest: manifest.digest.toString(),
      repository: 'team/app',
      now: '2023-11-14T22:13:20.000Z',
      verdict: 'kept',
      goesFrom: null,
      content: { size: manifest.size, claimedUntil: null },
      holders: {
        items: [{ link: null, manifest: { fate: { kind: 'tagged', chain: [{ tags: { items: ['v1'] } }] } } }],
        more: false,
      },
      policy: { collects: true, removesUntagged: false, grace: DAY },
    });
    const flags = [{ key: 'storage.filesystem.rootdirectory', flag: '--root', value: '/srv' }];
    expect(requests).toEqual([{ file: 'a.yml', flags }]);
  });

  it('says with exit code 1 what it does not know', async () => {
    await pushImage(database.ports, 'team/app', 'config', { tags: ['v1'] });
    const never = blobOf('never').digest;
    const path = `docker/registry/v2/blobs/sha256/${never.hex.slice(0, 2)}/${never.hex}/data`;
    database.makeUnreadable(team, path);
    for (const [reference, sentence] of [
      [
        blobOf('nothing').digest.toString(),
        `the registry does not know ${blobOf('nothing').digest.toString()}`,
      ],
      [
        `team/app@${never.toString()}`,
        `does not know ${never.toString()}; ${path}, which may be about it, is cut off`,
      ],
      ['team/app:v2', 'team/app has no tag v2'],
      ['nope:v1', 'nope has no tag v1'],
      ['localhost:5000/team/app:v1', "no tag v1; if localhost:5000 is the registry's address, leave it out"],
    ] as const) {
      const { code, out, err } = await invoked([reference]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/^stowage: [^\n]+\n$/);
      expect(err).toContain(sentence);
    }
    const { code, out } = await invoked([never.toString(), '--json']);
    expect([code, JSON.parse(out)]).toMatchObject([1, { verdict: 'unknown', content: null }]);
  });

  it.each([
    ['xyz', '"xyz" can not be explained: write <repository>@<digest>, <repository>:<tag> or <digest>.'],
    ['team/app', 'write <repository>@<digest>, <repository>:<tag> or <digest>.'],
    ['localhost:5000/team/app', 'write <repository>@<digest>, <repository>:<tag> or <digest>.'],
    ['sha256:123', 'a sha256 digest has 64 lower-case hex digits. Write <repository>@<digest>, '],
    ['team/app@sha256:123', 'a sha256 digest has 64 lower-case hex digits. Write'],
    ['team/app@md5:123', 'the digest algorithm is not supported; use sha256 or sha512. Write'],
    ['Team:v1', 'a repository name is made of lower-case letters and digits'],
    ['team:', 'a tag has 1 to 128 letters'],
    ['@', 'a repository name is made of'],
  ])('answers "%s" with exit code 2, and says what is right', async (reference, sentence) => {
    const { code, out, err, requests } = await invoked([reference]);
    expect({ code, out, requests }).toEqual({ code: 2, out: '', requests: [] });
    expect(err).toMatch(/^stowage: [^\n]+ See stowage gc explain --help\n$/);
    expect(err).toContain(sentence);
  });

  it('shows in its help what it takes', async () => {
    const { code, out } = await invoked(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('stowage gc explain <reference> [config]');
    expect(out).toContain('stowage gc explain team/app:v1');
    expect((await invoked([])).err).toContain('gc explain needs an argument: <reference>.');
  });
});
