import { describe, expect, it } from 'vitest';
import { CopyPass, type CopyProgress } from '../../../src/application/services/copy-pass.js';
import type {
  CopyRequest,
  CopyStorage,
} from '../../../src/application/use-cases/maintenance/copy-storage.js';
import { Digest } from '../../../src/domain/content/digest.js';
import type { CopyRequestOfFiles, OpenCopy } from '../../../src/interfaces/cli/commands/open-copy.js';
import { invoked } from './invoked.js';

const one = Digest.of('sha256', Buffer.from('one'));
const two = Digest.of('sha256', Buffer.from('two'));
const STARTED = Date.parse('2026-11-29T12:00:00.500Z');

interface Case {
  readonly doubts?: readonly string[];
  readonly settled?: boolean;
  /** Fills what the last pass has found. */
  readonly found?: (pass: CopyPass) => void;
  readonly fails?: Error;
  readonly stops?: boolean;
}

/** A copy that comes out as the test says. */
class Copied {
  readonly files: CopyRequestOfFiles[] = [];
  readonly requests: CopyRequest[] = [];
  closed = 0;
  readonly #case: Case;

  constructor(wanted: Case = {}) {
    this.#case = wanted;
  }

  readonly open = async (files: CopyRequestOfFiles): Promise<OpenCopy> => {
    this.files.push(files);
    const stop = new AbortController();
    const execute = async (request: CopyRequest, progress: CopyProgress) => {
      this.requests.push(request);
      Object.assign(progress, { blobsCopied: 2, bytesCopied: 3 * 1024 * 1024, namesCopied: 5 });
      const { fails, stops = false, settled = true, found = () => undefined } = this.#case;
      if (stops) stop.abort(new Error('stopped by SIGINT'));
      if (stops) throw stop.signal.reason;
      if (fails !== undefined) throw fails;
      const pass = new CopyPass(progress, STARTED);
      Object.assign(progress, { blobsThere: 2, namesThere: 5, repositories: 1 });
      found(pass);
      const { damages, conflicts, extras } = pass;
      return { settled, damages, conflicts, extras, startedAt: STARTED };
    };
    return {
      copy: { execute } as unknown as CopyStorage,
      doubts: this.#case.doubts ?? [],
      signal: stop.signal,
      explain: (error) => error,
      close: async () => void (this.closed += 1),
    };
  };
}

const WORDS = 'storage copy --from a.yml --to b.yml';

describe('storage copy', () => {
  it('says what was copied and compared, and exits with 0 when the target has everything', async () => {
    const copied = new Copied();
    const { code, out, err } = await invoked(`${WORDS} --verify`, { openCopy: copied.open });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^2 blobs \(3\.0 MiB\) and 5 names copied in \d+\.\d s\. Compared in the end: 2 blobs and 5 names in 1 repository\.\nThe target has everything that the source has\.\n$/,
    );
    expect(copied.files).toEqual([{ from: 'a.yml', to: 'b.yml' }]);
    expect(copied.requests).toEqual([{ verify: true, moveTags: false }]);
    expect(copied.closed).toBe(1);
  });

  it.each([
    ['doubts', { doubts: ['the source may be written to'] }, 'stowage: the source may be written to\n'],
    ['a source that changes', { settled: false }, 'the last pass still found something new\n'],
    [
      'damage',
      {
        found: ({ damages }: CopyPass) =>
          damages.add({ path: 'docker/x', repository: undefined, reason: 'is cut off' }),
      },
      'not copied (1):\n  docker/x is cut off\n',
    ],
    [
      'conflicts',
      {
        found: ({ conflicts }: CopyPass) => conflicts.add({ tag: 'team/app:v1', source: one, target: two }),
      },
      `team/app:v1 is ${one.toString()} in the source, ${two.toString()} in the target\n`,
    ],
    ['a stop', { stops: true }, 'stowage: stopped before the end; what was copied stands'],
  ])(
    'exits with 1 because of %s, and never says that the target has everything',
    async (_what, wanted, said) => {
      const copied = new Copied(wanted);
      for (const more of ['', '--quiet']) {
        const { code, out, err } = await invoked(`${WORDS} ${more}`, { openCopy: copied.open });
        expect(code).toBe(1);
        expect(err).toContain(said);
        expect(out).not.toContain('has everything');
        if (more !== '') expect(out).toBe('');
      }
      const { code, out } = await invoked(`${WORDS} --json`, { openCopy: copied.open });
      expect([code, JSON.parse(out)]).toMatchObject([1, { certain: false }]);
    },
  );

  it('names the time since which changes may be missing', async () => {
    const { err } = await invoked(WORDS, { openCopy: new Copied({ doubts: ['it runs'] }).open });
    expect(err).toBe(
      'stowage: it runs\nstowage: not certain to be copied: what was pushed, moved or deleted in the source after 2026-11-29T12:00:00Z\n',
    );
  });

  it('tells of what is only in the target, which is no fault; of much it shows the first', async () => {
    const found = ({ extras }: CopyPass): void => {
      for (let at = 0; at < 1_500; at += 1) extras.add(`team/app tag v${at}`);
    };
    const copied = new Copied({ found });
    const { code, err } = await invoked(WORDS, { openCopy: copied.open });
    expect(code).toBe(0);
    const lines = err.trimEnd().split('\n');
    expect(lines[0]).toBe('notice: only in the target, and left there (1,500):');
    expect(lines.slice(-2)).toEqual(['  team/app tag v19', '  … and 1,480 more']);
    const json = await invoked(`${WORDS} --json`, { openCopy: copied.open });
    const { certain, onlyInTarget } = JSON.parse(json.out) as {
      certain: boolean;
      onlyInTarget: { count: number; first: string[] };
    };
    expect([certain, onlyInTarget.count, onlyInTarget.first.length]).toEqual([true, 1_500, 1_000]);
  });

  it('closes what was opened when the copy fails', async () => {
    const copied = new Copied({ fails: new Error('no space left') });
    const { code, err } = await invoked(WORDS, { openCopy: copied.open });
    expect([code, copied.closed]).toEqual([1, 1]);
    expect(err).toContain('no space left');
  });

  it.each(['storage copy', 'storage copy --from a.yml', 'storage copy --to b.yml'])(
    'needs both configurations: %s',
    async (line) => {
      const { code, err } = await invoked(line);
      expect(code).toBe(2);
      expect(err).toBe(
        'stowage: storage copy needs two configurations: --from <file> --to <file>. See stowage storage copy --help\n',
      );
    },
  );
});
