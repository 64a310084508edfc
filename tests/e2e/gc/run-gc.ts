import { join } from 'node:path';
import { runProgram, type Ended } from '../../support/run-program.js';
import { PROGRAM } from '../../support/start-registry.js';

/** The last line of `gc --json`. */
export interface GcSummary {
  readonly dryRun: boolean;
  readonly manifests: { readonly count: number; readonly bytes: number };
  readonly links: number;
  readonly blobs: { readonly count: number; readonly bytes: number };
  readonly keptForGrace: { readonly blobs: number; readonly bytes: number; readonly until: string | null };
  readonly keptUnreadable: {
    readonly rows: number;
    readonly repositories: readonly { readonly repository: string; readonly count: number }[];
    readonly more: boolean;
  };
  readonly left: number;
  readonly failed: number;
  readonly stopped: boolean;
  readonly seconds: number;
}

export interface GcRun extends Ended {
  /** `blob <digest>` and `manifest <repository>@<digest>`: what went, or would go. In byte order. */
  readonly went: readonly string[];
  readonly failed: readonly { readonly digest: string; readonly reason: string }[];
  readonly summary: GcSummary;
}

interface Item {
  readonly kind: 'blob' | 'manifest';
  readonly repository?: string;
  readonly digest: string;
}

interface Line {
  readonly removed?: Item;
  readonly wouldRemove?: Item;
  readonly failed?: { readonly digest: string; readonly reason: string };
  readonly summary?: GcSummary;
}

/** `stowage gc` with the configuration of the registry that the tests start on `<folder>`. */
export function gc(folder: string, ...options: readonly string[]): Promise<Ended> {
  return runProgram(process.execPath, [PROGRAM, 'gc', join(folder, 'config.yml'), ...options], {
    cwd: folder,
  });
}

/** The same with `--json`. @throws Error when a line is no JSON, or the last one is no summary */
export async function runGc(folder: string, ...options: readonly string[]): Promise<GcRun> {
  return readGc(await gc(folder, '--json', ...options));
}

export function readGc(ended: Ended): GcRun {
  const text = ended.stdout.trimEnd();
  const lines = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Line);
  const summary = lines.at(-1)?.summary;
  if (summary === undefined) throw new Error(`no summary:\n${ended.stdout}\n${ended.stderr}`);
  const items = lines.flatMap(({ removed, wouldRemove }) => removed ?? wouldRemove ?? []);
  return {
    ...ended,
    summary,
    failed: lines.flatMap(({ failed }) => failed ?? []),
    went: items.map(({ kind, repository, digest }) => `${kind} ${name(repository)}${digest}`).toSorted(),
  };
}

function name(repository: string | undefined): string {
  return repository === undefined ? '' : `${repository}@`;
}
