import { basename } from 'node:path';

/** What a process did to its files, in the order of the kernel. A sync covers what ended before it began. */
export type RecordedCall =
  | { readonly kind: 'write'; readonly file: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync-begins'; readonly file: string; readonly thread: string }
  | { readonly kind: 'sync-ends'; readonly file: string; readonly thread: string }
  | { readonly kind: 'append'; readonly file: string; readonly text: string };

const WHOLE = /^(\d+)\s+(\w+)\(\d+<([^>]*)>(.*)\)\s+= (\d+)$/;
const BEGUN = /^(\d+)\s+(\w+)\(\d+<([^>]*)>(.*) <unfinished \.\.\.>$/;
const ENDED = /^(\d+)\s+<\.\.\. \w+ resumed>.*\)\s+= (\d+)$/;

interface Begun {
  readonly name: string;
  readonly file: string;
  readonly rest: string;
}

/** Reads what `strace -f -y -xx` wrote of pwrite64, write, ftruncate, fsync and fdatasync. */
export function readRecordedCalls(trace: string): readonly RecordedCall[] {
  const calls: RecordedCall[] = [];
  const running = new Map<string, Begun>();
  const begin = (thread: string, call: Begun): void => {
    running.set(thread, call);
    if (isSync(call)) calls.push({ kind: 'sync-begins', file: call.file, thread });
  };
  const end = (thread: string): void => {
    const call = running.get(thread);
    if (call === undefined) throw new Error(`a call of ${thread} ends that never began`);
    running.delete(thread);
    calls.push(isSync(call) ? { kind: 'sync-ends', file: call.file, thread } : toChange(call));
  };
  for (const line of trace.split('\n')) {
    const whole = WHOLE.exec(line);
    const started = whole ?? BEGUN.exec(line);
    if (started !== null) begin(started[1] ?? '', toBegun(started));
    const ended = whole ?? ENDED.exec(line);
    if (ended !== null) end(ended[1] ?? '');
  }
  return calls;
}

function toBegun([, , name = '', path = '', rest = '']: readonly string[]): Begun {
  return { name, file: basename(unescape(path).toString()), rest };
}

function isSync({ name }: Begun): boolean {
  return name === 'fsync' || name === 'fdatasync';
}

function toChange({ name, file, rest }: Begun): RecordedCall {
  if (name === 'ftruncate') return { kind: 'truncate', file, size: Number(rest.split(', ').at(-1)) };
  const [, text = '', offset] = /^, "([^"]*)", \d+(?:, (\d+))?$/.exec(rest) ?? [];
  const data = unescape(text);
  if (name === 'pwrite64') return { kind: 'write', file, offset: Number(offset), data };
  if (name === 'write') return { kind: 'append', file, text: data.toString() };
  throw new Error(`the call ${name} of ${file} is not understood`);
}

function unescape(text: string): Buffer {
  return Buffer.from(text.replaceAll(String.raw`\x`, ''), 'hex');
}
