import { describe, expect, it } from 'vitest';
import { RecordingSink, writerOver } from './recording-sink.js';

const LINE = `${'x'.repeat(1023)}\n`;

/** Numbers of all notices in the output. */
function toldIn(sink: RecordingSink): number {
  return sink.lines.reduce((sum, line) => sum + Number(/^(\d+) lines dropped$/.exec(line)?.[1] ?? 0), 0);
}

describe('the writer of log lines', () => {
  it('joins lines into one write, in their order', async () => {
    const sink = new RecordingSink();
    const writer = writerOver(sink);
    writer.write('one\n');
    writer.write('two\n');
    await writer.flush(10_000);
    expect([sink.text, sink.writes]).toEqual(['one\ntwo\n', 1]);
  });

  it('writes by itself, without a flush', async () => {
    const sink = new RecordingSink();
    writerOver(sink).write('one\n');
    await expect.poll(() => sink.text).toBe('one\n');
  });

  it('writes at once when a batch is full', async () => {
    const sink = new RecordingSink();
    const writer = writerOver(sink);
    for (let count = 0; count < 64; count += 1) writer.write(LINE);
    expect(sink.writes).toBe(1);
    await writer.flush(10_000);
    expect(sink.lines).toHaveLength(64);
  });

  it('goes on in the middle of a line when the sink took a part', async () => {
    const sink = new RecordingSink();
    const writer = writerOver(sink);
    sink.room = 5;
    writer.write('one\n');
    writer.write('two\n');
    await expect.poll(() => sink.writes).toBeGreaterThan(1);
    expect(sink.text).toBe('one\nt');
    sink.room = 100;
    await writer.flush(10_000);
    expect(sink.text).toBe('one\ntwo\n');
  });

  it('drops and counts what is beyond its bound while the sink has no room, and tells when it flows again', async () => {
    const sink = new RecordingSink();
    sink.room = 0;
    const writer = writerOver(sink);
    for (let count = 0; count < 3000; count += 1) writer.write(LINE);
    const { dropped } = writer;
    expect(dropped).toBeGreaterThan(500);
    sink.room = Number.POSITIVE_INFINITY;
    await writer.flush(10_000);
    writer.write('after\n');
    await writer.flush(10_000);
    expect(writer.dropped).toBe(dropped);
    expect(toldIn(sink)).toBe(dropped);
    expect(sink.lines.filter((line) => line.startsWith('x'))).toHaveLength(3000 - dropped);
    expect(sink.lines.at(-1)).toBe('after');
  });

  it('gives a flush up after its time', async () => {
    const sink = new RecordingSink();
    sink.room = 0;
    const writer = writerOver(sink);
    writer.write('stuck\n');
    await writer.flush(10);
    expect(sink.text).toBe('');
    sink.room = Number.POSITIVE_INFINITY;
    await writer.flush(10_000);
    expect(sink.text).toBe('stuck\n');
  });

  it('counts what a failing sink lost, and writes again when it works', async () => {
    const sink = new RecordingSink();
    const writer = writerOver(sink);
    sink.failure = new Error('EPIPE');
    writer.write('lost\n');
    // As another process gives them.
    writer.write('lost too\nand this\n');
    await writer.flush(10_000);
    expect(writer.dropped).toBe(3);
    sink.failure = undefined;
    writer.write('kept\n');
    await writer.flush(10_000);
    expect(sink.lines).toEqual(['kept', '3 lines dropped']);
    expect(writer.dropped).toBe(3);
  });

  it('flushes nothing without a write', async () => {
    const sink = new RecordingSink();
    await writerOver(sink).flush(10_000);
    expect(sink.writes).toBe(0);
  });
});
