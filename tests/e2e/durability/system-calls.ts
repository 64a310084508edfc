/** One system call of a trace by `strace -f -y`. Its begin and end are line numbers: they order the calls of all threads. */
export interface SystemCall {
  /** Of the thread that made it. */
  readonly thread: string;
  readonly name: string;
  /** The file behind the first descriptor, or the paths that were given. */
  readonly paths: readonly string[];
  readonly began: number;
  readonly ended: number;
  readonly succeeded: boolean;
  /** The line, as far as strace prints it. */
  readonly text: string;
}

const CALL = /^(\d+) +(\w+)\((.*)$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;
const UNFINISHED = / <unfinished \.\.\.>$/;
const RESULT = /= (-?\d+)(?:<.*>)?(?: E.*)?$/;

export function parseTrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, { readonly text: string; readonly began: number }>();
  for (const [line, text] of trace.split('\n').entries()) {
    const resumed = RESUMED.exec(text);
    if (resumed !== null) {
      const [, thread = '', , rest = ''] = resumed;
      const start = unfinished.get(thread);
      if (start !== undefined) calls.push(describe(`${start.text}${rest}`, start.began, line));
      unfinished.delete(thread);
    } else if (CALL.test(text)) {
      const [, thread = ''] = CALL.exec(text) ?? [];
      if (UNFINISHED.test(text)) {
        unfinished.set(thread, { text: text.replace(UNFINISHED, ''), began: line });
      } else calls.push(describe(text, line, line));
    }
  }
  return calls.toSorted((a, b) => a.began - b.began);
}

function describe(text: string, began: number, ended: number): SystemCall {
  const [, thread = '', name = '', args = ''] = CALL.exec(text) ?? [];
  const descriptor = /^\d+<([^>]*)>/.exec(args)?.[1];
  const given = [...args.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path);
  const result = Number(RESULT.exec(text.trimEnd())?.[1] ?? -1);
  const paths = descriptor === undefined ? given : [descriptor];
  return { thread, name, paths, began, ended, succeeded: result >= 0, text };
}
