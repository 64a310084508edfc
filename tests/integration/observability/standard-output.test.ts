import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const HOOKS = join(import.meta.dirname, '../../support/typescript-workers.mjs');
const PROGRAM = join(import.meta.dirname, 'logging-process.ts');
/** 5 MiB: far more than a pipe and the writer together hold. */
const FLOOD = 5000;

interface Output {
  /** What the process gets to write to. */
  readonly end: number | 'pipe';
  /** As which descriptor it gets it. */
  readonly descriptor: number;
  /** Its other end, which nobody reads until it is asked for. */
  reader(child: ChildProcess): Readable;
}

/**
 * A real pipe: Node's own 'pipe' is a pair of sockets. It is not descriptor 1, because Node makes that one non-blocking
 * as soon as it starts a worker thread, as it does here to read TypeScript; then the sink would have nothing to do.
 */
function namedPipe(folder: string): Output {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const end = openSync(path, constants.O_WRONLY);
  return { end, descriptor: 3, reader: () => new Socket({ fd: readEnd, readable: true, writable: false }) };
}

function socketPair(): Output {
  return {
    end: 'pipe',
    descriptor: 1,
    reader: ({ stdout }) => {
      if (stdout === null) throw new Error('the process has no pipe');
      return stdout;
    },
  };
}

describe('lines on the standard output', () => {
  let folder: TempDir;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    folder = await makeTempDir();
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await folder.remove();
  });

  function start({ end, descriptor }: Omit<Output, 'reader'>, lines: number): ChildProcess {
    const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ignore', 'ipc'];
    stdio[descriptor] = end;
    const args = ['--import', HOOKS, PROGRAM, String(lines), String(descriptor)];
    child = spawn(process.execPath, args, { stdio });
    if (end !== 'pipe') closeSync(end);
    return child;
  }

  /** The next message of the process. */
  async function told(process: ChildProcess): Promise<{ stage: string; dropped: number }> {
    const [message] = (await once(process, 'message')) as [{ stage: string; dropped: number }];
    return message;
  }

  async function textOf(reader: Readable): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of reader) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  describe.each([
    ['pipe', () => namedPipe(folder.path)],
    ['socket', socketPair],
  ] as const)('that is a full %s nobody reads', (_kind, make) => {
    it('stop nothing, are dropped and counted, and it is told when they flow again', async () => {
      const output = make();
      const process = start(output, FLOOD);
      const full = await told(process);
      expect(full.stage).toBe('worked');
      expect(full.dropped).toBeGreaterThan(1000);

      process.send({ flushFor: 20_000 });
      const [text, end] = await Promise.all([textOf(output.reader(process)), told(process)]);
      const lines = text.split('\n').slice(0, -1);
      const notices = lines.map((line) => Number(/^dropped (\d+)$/.exec(line)?.[1] ?? 0));
      expect(end.dropped).toBeGreaterThanOrEqual(full.dropped);
      expect(notices.reduce((sum, count) => sum + count, 0)).toBe(end.dropped);
      const whole = lines.filter((line) => /^line \d+ x{1000}$/.test(line) || line === 'last line');
      expect(whole.length + end.dropped).toBe(FLOOD + 1);
      expect(whole.length + notices.filter((count) => count > 0).length).toBe(lines.length);
    });

    it('do not keep the process from ending', async () => {
      const output = make();
      const process = start(output, FLOOD);
      await told(process);
      process.send({ flushFor: 100 });
      const [code, signal] = (await once(process, 'exit')) as [number | null, string | null];
      expect([code, signal]).toEqual([0, null]);
      output.reader(process).destroy();
    });
  });

  it.each([
    ['pipe', () => namedPipe(folder.path)],
    ['socket', socketPair],
  ] as const)('survive a %s whose reader has gone', async (_kind, make) => {
    const output = make();
    const process = start(output, FLOOD);
    output.reader(process).destroy();
    expect((await told(process)).stage).toBe('worked');
    process.send({ flushFor: 20_000 });
    expect((await told(process)).dropped).toBeGreaterThan(1000);
    const [code] = (await once(process, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  it('are all in a file, in their order', async () => {
    const path = join(folder.path, 'log');
    const process = start({ end: openSync(path, 'w'), descriptor: 1 }, 500);
    await told(process);
    process.send({ flushFor: 20_000 });
    const [exit] = await Promise.all([once(process, 'exit'), told(process)]);
    expect(exit[0]).toBe(0);
    const lines = readFileSync(path, 'utf8').split('\n');
    const expected = Array.from({ length: 500 }, (_, n) => `line ${n}`);
    expect(lines.slice(0, 500).map((line) => line.replace(/ x+$/, ''))).toEqual(expected);
    expect(lines.slice(500)).toEqual(['last line', '']);
  });
});
