import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ComparisonProgress } from '../../../src/application/services/index-comparison.js';
import type { IndexDifference } from '../../../src/application/services/index-difference.js';
import {
  repairDifferences,
  type RepairRequest,
} from '../../../src/application/services/repair-differences.js';
import type { RepairIndex } from '../../../src/application/use-cases/maintenance/repair-index.js';
import type { VerifyIndex } from '../../../src/application/use-cases/maintenance/verify-index.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';
import type { IndexRequest, OpenIndex } from '../../../src/interfaces/cli/commands/open-index.js';
import { Progress } from '../../../src/interfaces/cli/output/progress.js';
import { invoked } from './invoked.js';

const repository = RepositoryName.parse('team/app');
const one = Digest.of('sha256', Buffer.from('one'));
const two = Digest.of('sha256', Buffer.from('two'));
const tag = { kind: 'tag', repository, tag: TagName.parse('v1') } as const;
const layer = { kind: 'layer', repository, digest: one } as const;
const MOVED: IndexDifference = { kind: 'other-target', name: tag, tree: one, database: two };
const EXTRA: IndexDifference = { kind: 'only-in-tree', name: layer, target: one };
const CUT: IndexDifference = {
  kind: 'damaged',
  damage: { path: 'docker/x/link', repository: 'team/app', reason: 'is cut off' },
};

/** Tree and database that differ so, and what was asked of them. */
class DifferingIndex {
  readonly requests: IndexRequest[] = [];
  readonly repairs: RepairRequest[] = [];
  closed = 0;
  readonly #differences: readonly IndexDifference[];
  readonly #stop = new AbortController();
  readonly #unfinished: boolean;
  readonly #incomplete: boolean;

  constructor(differences: readonly IndexDifference[], { unfinished = false, incomplete = false } = {}) {
    this.#incomplete = incomplete;
    this.#differences = differences;
    this.#unfinished = unfinished;
  }

  readonly open = async (request: IndexRequest): Promise<OpenIndex> => {
    this.requests.push(request);
    const verify = {
      execute: (progress: ComparisonProgress) => this.#found(progress),
    } as unknown as VerifyIndex;
    const repair = {
      execute: (asked: RepairRequest, progress: ComparisonProgress, signal: AbortSignal) => {
        this.repairs.push(asked);
        const side = {
          settle: async () => undefined,
          remove: async () => undefined,
          flush: async () => undefined,
        };
        return repairDifferences(this.#found(progress), side, asked, signal);
      },
    } as unknown as RepairIndex;
    return {
      verify,
      repair: async () => repair,
      flush: async () => ({ written: 0, left: 0, changedElsewhere: [] }),
      shared: false,
      unfinished: this.#unfinished,
      incomplete: this.#incomplete,
      signal: this.#stop.signal,
      close: async () => void (this.closed += 1),
    };
  };

  /** The user presses Ctrl-C after the first difference. */
  stopAfterFirst(): this {
    this.#stop.abort(new Error('stopped'));
    return this;
  }

  async *#found(progress: ComparisonProgress): AsyncGenerator<IndexDifference> {
    progress.repositories += 1;
    progress.tags += 3;
    for (const difference of this.#differences) {
      yield difference;
      this.#stop.signal.throwIfAborted();
    }
  }
}

describe('index verify', () => {
  it('says that there is no difference, and exits with 0', async () => {
    const index = new DifferingIndex([]);
    const { code, out, err } = await invoked('index verify a.yml', { openIndex: index.open });
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe('No differences (compared 1 repositories, 3 tags, 0 manifests, 0 blobs).\n');
    expect(index.requests).toEqual([{ configuration: { file: 'a.yml', flags: [] }, purpose: 'verify' }]);
    expect(index.closed).toBe(1);
  });

  it('shows differences as a table and exits with 1', async () => {
    const index = new DifferingIndex([MOVED, EXTRA, CUT]);
    const { code, out } = await invoked('index verify', { openIndex: index.open });
    expect(code).toBe(1);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'DIFFERENCE | REPOSITORY | NAME | DETAIL',
      `other target | team/app | tag v1 | tree ${one.toString()}, database ${two.toString()}`,
      `only in the tree | team/app | blob ${one.toString()}`,
      'damaged | team/app | docker/x/link is cut off',
      '3 differences: 1 other target, 1 only in the tree, 1 damaged (compared 1 repositories, 3 tags, 0 manifests, 0 blobs).',
      '',
    ]);
  });

  it('prints objects for programs', async () => {
    const { out } = await invoked('index verify --json', {
      openIndex: new DifferingIndex([EXTRA, CUT]).open,
    });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { difference: 'only-in-tree', repository: 'team/app', blob: one.toString(), target: one.toString() },
      { difference: 'damaged', repository: 'team/app', path: 'docker/x/link', reason: 'is cut off' },
      {
        summary: {
          compared: { repositories: 1, tags: 3, revisions: 0, layers: 0 },
          differences: 2,
          kinds: { 'only-in-tree': 1, damaged: 1 },
          complete: true,
        },
      },
    ]);
  });

  it('tells what it has found when it is stopped, and that there may be more', async () => {
    const index = new DifferingIndex([MOVED, EXTRA]).stopAfterFirst();
    const { code, out, err } = await invoked('index verify', { openIndex: index.open });
    expect(code).toBe(1);
    expect(out).toContain('1 difference: 1 other target');
    expect(err).toContain('stopped before the end');
    expect(index.closed).toBe(1);
    const json = await invoked('index verify --json', { openIndex: index.open });
    expect(json.out).toContain('"complete":false');
  });

  it('says that links of an ended process are not written yet', async () => {
    const { err } = await invoked('index verify', {
      openIndex: new DifferingIndex([], { unfinished: true }).open,
    });
    expect(err).toMatch(/^notice: a process has ended before it had written all its link files/);
  });
});

describe('index repair', () => {
  it.each([
    ['index repair', 'repair-tree', { target: 'tree', deletes: false }],
    ['index repair --from-storage', 'repair-database', { target: 'database', deletes: false }],
    ['index repair --delete', 'repair-tree', { target: 'tree', deletes: true }],
    ['index repair --from-storage --delete', 'repair-database', { target: 'database', deletes: true }],
  ])('%s', async (line, purpose, repair) => {
    const index = new DifferingIndex([MOVED]);
    const { code, out } = await invoked(line, { openIndex: index.open });
    expect(index.requests.map((request) => request.purpose)).toEqual([purpose]);
    expect(index.repairs).toEqual([repair]);
    expect([code, out]).toEqual([0, expect.stringContaining('1 changed (')]);
  });

  it('opens nothing for writing when it only shows, and exits with 1 when there is something to do', async () => {
    const index = new DifferingIndex([MOVED, EXTRA]);
    const { code, out } = await invoked('index repair -d --delete', { openIndex: index.open });
    expect([code, index.repairs]).toEqual([1, []]);
    expect(index.requests.map(({ purpose }) => purpose)).toEqual(['verify']);
    expect(out).toMatch(/^to change +other target/m);
    expect(out).toMatch(/^to delete +only in the tree/m);
    expect(out).toContain('1 to change, 1 to delete (');
    expect((await invoked('index repair --dry-run', { openIndex: new DifferingIndex([]).open })).code).toBe(
      0,
    );
  });

  it('shows what it deletes before it does, and nothing else', async () => {
    const { out } = await invoked('index repair --delete', {
      openIndex: new DifferingIndex([MOVED, EXTRA]).open,
    });
    const [first = '', second = ''] = out.split(/(?<=\)\.\n)/);
    expect(first).toContain('1 to delete (');
    expect(first).not.toContain('other target');
    expect(second).toContain('1 changed, 1 deleted (');
  });

  it('says why something is left, and exits with 1', async () => {
    const { code, out } = await invoked('index repair', { openIndex: new DifferingIndex([EXTRA]).open });
    expect(code).toBe(1);
    expect(out).toMatch(/^left +only in the tree .*--from-storage takes it in, --delete removes it$/m);
    const json = await invoked('index repair --json', { openIndex: new DifferingIndex([EXTRA]).open });
    const [line = ''] = json.out.split('\n');
    expect(JSON.parse(line)).toMatchObject({
      done: 'leave',
      why: expect.stringContaining('--delete') as string,
    });
  });

  it('deletes nothing from a folder that the database has not taken over yet', async () => {
    const index = new DifferingIndex([EXTRA], { incomplete: true });
    const { code, out, err } = await invoked('index repair --delete', { openIndex: index.open });
    expect([code, out, index.repairs, index.closed]).toEqual([1, '', [], 1]);
    expect(err).toContain('has not taken over everything');
    expect((await invoked('index repair', { openIndex: index.open })).out).toContain('1 left');
    expect((await invoked('index repair --from-storage --delete', { openIndex: index.open })).code).toBe(0);
  });

  it('tells that what was done stands when it is stopped', async () => {
    const index = new DifferingIndex([MOVED, MOVED]).stopAfterFirst();
    const { code, out, err } = await invoked('index repair', { openIndex: index.open });
    expect([code, err]).toEqual([1, 'stowage: stopped before the end; what was done until then stands\n']);
    expect(out).toMatch(/^changed +other target/m);
  });
});

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const running = (interactive: boolean): { readonly progress: Progress; readonly said: () => string } => {
    let said = '';
    const stderr = { write: (text: string) => void (said += text) };
    const terminal = { stdout: stderr, stderr, colour: false, interactive, width: 80 };
    return { progress: new Progress(terminal, () => 'half way'), said: () => said };
  };

  it('is one line that is written over on a terminal, and goes at the end', () => {
    const { progress, said } = running(true);
    vi.advanceTimersByTime(400);
    expect(said()).toBe('\r\u001b[K⠋ half way\r\u001b[K⠙ half way');
    progress.end();
    vi.advanceTimersByTime(1_000);
    expect(said().endsWith('half way\r\u001b[K')).toBe(true);
  });

  it('is a line every 10 seconds where nobody looks', () => {
    const { progress, said } = running(false);
    vi.advanceTimersByTime(9_999);
    expect(said()).toBe('');
    vi.advanceTimersByTime(10_001);
    progress.end();
    expect(said()).toBe('half way\nhalf way\n');
  });

  it('says nothing when it is over at once', () => {
    for (const interactive of [true, false]) {
      const { progress, said } = running(interactive);
      progress.end();
      expect(said()).toBe('');
    }
  });
});
