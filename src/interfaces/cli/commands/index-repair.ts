import type { IndexDifference } from '../../../application/services/index-difference.js';
import { planRepair, type RepairStep } from '../../../application/services/repair-plan.js';
import type { RepairedDifference, RepairRequest } from '../../../application/services/repair-differences.js';
import type { Command, CommandArguments } from '../command.js';
import {
  configurationArgument,
  configurationOptions,
  configurationRequest,
} from '../configuration-options.js';
import { DifferenceList } from '../output/difference-list.js';
import { Progress } from '../output/progress.js';
import { DIFFERENCE_HEAD, differenceJson, differenceRow } from '../output/show-difference.js';
import type { Terminal } from '../output/terminal.js';
import { compared, newProgress } from './compared.js';
import type { IndexRequest, OpenIndex } from './open-index.js';

type Tense = 'plan' | 'done';
type Action = RepairStep['action'];

const DONE: Readonly<Record<Action, string>> = {
  add: 'added',
  change: 'changed',
  delete: 'deleted',
  leave: 'left',
};

/** Makes folder and database say the same. Exit code 1 when something is left, or only shown. */
export class IndexRepairCommand implements Command {
  readonly name = 'repair';
  readonly summary = 'Write again in the folder what the database has, or the other way round';
  readonly arguments = [configurationArgument];
  readonly options = {
    ...configurationOptions,
    'from-storage': {
      type: 'boolean',
      describe: 'The other way round: take into the database what the folder has',
    },
    delete: {
      type: 'boolean',
      describe: 'Also delete, from the side that is repaired, names that the other has not; shows them first',
    },
    'dry-run': { type: 'boolean', alias: 'd', describe: 'Show what would be done, and change nothing' },
    json: { type: 'boolean', describe: 'Print each step as an object on a line, and a summary as the last' },
  } as const;
  readonly examples = [
    ['index repair --dry-run', 'Show what is missing in the folder, and what would be written'],
    ['index repair', 'Write link files and copies of manifests again; nothing is deleted'],
    [
      'index repair --from-storage',
      'After a backup of the database was restored: take in what the folder has',
    ],
  ] as const;

  readonly #open: (request: IndexRequest) => Promise<OpenIndex>;
  readonly #terminal: Terminal;

  constructor(open: (request: IndexRequest) => Promise<OpenIndex>, terminal: Terminal) {
    this.#open = open;
    this.#terminal = terminal;
  }

  async run(args: CommandArguments): Promise<number> {
    const target = args['from-storage'] === true ? 'database' : 'tree';
    const request: RepairRequest = { target, deletes: args['delete'] === true };
    const dryRun = args['dry-run'] === true;
    const index = await this.#open({
      configuration: configurationRequest(args),
      purpose: dryRun ? 'verify' : `repair-${target}`,
    });
    try {
      if (index.incomplete && request.deletes && target === 'tree') return this.#refuse();
      return await this.#repair(index, request, { dryRun, json: args['json'] === true });
    } catch (error) {
      if (!index.signal.aborted) throw error;
      this.#terminal.stderr.write('stowage: stopped before the end; what was done until then stands\n');
      return 1;
    } finally {
      await index.close();
    }
  }

  #refuse(): number {
    this.#terminal.stderr.write(
      'stowage: the database has not taken over everything that the folder has, so nothing is deleted from it; ' +
        'let `stowage serve` or `stowage index repair --from-storage` come to its end first\n',
    );
    return 1;
  }

  async #repair(
    index: OpenIndex,
    request: RepairRequest,
    how: { readonly dryRun: boolean; readonly json: boolean },
  ): Promise<number> {
    const progress = newProgress();
    if (how.dryRun) {
      const planned = plan(index.verify.execute(progress, index.signal), request);
      const { shown } = await this.#show('plan', planned, progress, how.json);
      return shown === 0 ? 0 : 1;
    }
    if (request.deletes) {
      const first = newProgress();
      const planned = plan(index.verify.execute(first, index.signal), request);
      await this.#show('plan', onlyDeletes(planned), first, how.json);
    }
    const repair = await index.repair();
    const steps = repair.execute(request, progress, index.signal);
    const { left } = await this.#show('done', steps, progress, how.json);
    return left === 0 ? 0 : 1;
  }

  async #show(
    tense: Tense,
    steps: AsyncIterable<RepairedDifference>,
    progress: ReturnType<typeof newProgress>,
    json: boolean,
  ): Promise<{ readonly shown: number; readonly left: number }> {
    const { stdout } = this.#terminal;
    const list = new DifferenceList();
    const counts = new Map<Action, number>();
    const line = new Progress(
      this.#terminal,
      () => `${compared(progress)}, ${list.count} differences so far`,
    );
    try {
      for await (const { difference, step } of steps) {
        counts.set(step.action, (counts.get(step.action) ?? 0) + 1);
        list.add(difference, rowOf(tense, difference, step));
        if (json)
          stdout.write(
            `${JSON.stringify({ [tense]: step.action, ...reasonOf(step), ...differenceJson(difference) })}\n`,
          );
      }
    } finally {
      line.end();
      if (!json) list.print(this.#terminal, ['ACTION', ...DIFFERENCE_HEAD]);
    }
    const figures = Object.fromEntries(counts);
    if (json) stdout.write(`${JSON.stringify({ summary: { compared: progress, [tense]: figures } })}\n`);
    else stdout.write(`${inWords(tense, counts)} (${compared(progress)}).\n`);
    return { shown: list.count, left: counts.get('leave') ?? 0 };
  }
}

async function* plan(
  differences: AsyncIterable<IndexDifference>,
  { target, deletes }: RepairRequest,
): AsyncGenerator<RepairedDifference> {
  for await (const difference of differences) {
    yield { difference, step: planRepair(difference, target, deletes) };
  }
}

async function* onlyDeletes(steps: AsyncIterable<RepairedDifference>): AsyncGenerator<RepairedDifference> {
  for await (const planned of steps) if (planned.step.action === 'delete') yield planned;
}

function rowOf(tense: Tense, difference: IndexDifference, step: RepairStep): readonly string[] {
  const row = differenceRow(difference);
  const reason = step.action === 'leave' ? step.reason : '';
  const detail = [row.at(-1) ?? '', reason].filter((text) => text !== '').join('; ');
  return [wordOf(tense, step.action), ...row.slice(0, -1), detail];
}

function reasonOf(step: RepairStep): { readonly why?: string } {
  return step.action === 'leave' ? { why: step.reason } : {};
}

function wordOf(tense: Tense, action: Action): string {
  return tense === 'done' || action === 'leave' ? DONE[action] : `to ${action}`;
}

function inWords(tense: Tense, counts: ReadonlyMap<Action, number>): string {
  if (counts.size === 0) return tense === 'done' ? 'Nothing to repair' : 'Nothing would be done';
  const words = [...counts].map(([action, count]) => `${count} ${wordOf(tense, action)}`);
  return words.join(', ');
}
