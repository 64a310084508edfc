import { describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../../src/application/ports/system/logger.js';
import type { LogFormat } from '../../../src/infrastructure/observability/log-format.js';
import { WinstonLogger, type LogSettings } from '../../../src/infrastructure/observability/winston-logger.js';
import { RecordingSink, writerOver } from './recording-sink.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What a logger with these settings writes. */
async function linesOf(settings: Partial<LogSettings>, use: (logger: Logger) => void): Promise<string[]> {
  const sink = new RecordingSink();
  const writer = writerOver(sink);
  use(WinstonLogger.create({ level: 'info', format: 'json', fields: {}, ...settings }, writer));
  await writer.flush(10_000);
  return sink.lines;
}

async function objectOf(format: LogFormat, message: string, fields?: LogFields): Promise<unknown> {
  const lines = await linesOf({ format }, (logger) => logger.info(message, fields));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

describe('the logger', () => {
  it.each([
    ['error', ['error']],
    ['warn', ['error', 'warn']],
    ['info', ['error', 'warn', 'info']],
    ['debug', ['error', 'warn', 'info', 'debug']],
  ] as const)('writes at level %s the levels %j', async (level, expected) => {
    const lines = await linesOf({ level }, (logger) => {
      for (const each of [logger, logger.child({ a: 1 })]) {
        each.error('e');
        each.warn('w');
        each.info('i');
        each.debug('d');
      }
    });
    const levels = lines.map((line) => (JSON.parse(line) as { level: string }).level);
    expect(levels).toEqual([...expected, ...expected]);
  });

  it('takes another level and other fields, with its children', async () => {
    const lines = await linesOf({ level: 'warn', fields: { zone: 'a' } }, (logger) => {
      const child = logger.child({ request: 1 }).child({ part: 2 });
      child.info('dropped');
      (logger as WinstonLogger).use({ level: 'debug', fields: { zone: 'b' } });
      child.debug('written');
      logger.info('written');
      (logger as WinstonLogger).use({ level: 'error', fields: {} });
      child.warn('dropped');
    });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 'debug', message: 'written', zone: 'b', request: 1, part: 2 }),
      expect.objectContaining({ level: 'info', message: 'written', zone: 'b' }),
    ]);
  });

  it('reads no field of a line that its level drops', async () => {
    let reads = 0;
    const fields = {
      get costly(): number {
        reads += 1;
        return reads;
      },
    };
    await linesOf({}, (logger) => logger.debug('dropped', fields));
    expect(reads).toBe(0);
  });

  it('keeps the order of lines and of many of them', async () => {
    const lines = await linesOf({}, (logger) => {
      for (let n = 0; n < 1000; n += 1) logger.info('line', { n });
    });
    expect(lines.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual(
      Array.from({ length: 1000 }, (_, n) => n),
    );
  });

  it('writes one JSON object with time, level, message and the fields', async () => {
    expect(await objectOf('json', 'blob pushed', { size: 3, repository: 'a/b' })).toEqual({
      time: expect.stringMatching(TIME) as string,
      level: 'info',
      message: 'blob pushed',
      size: 3,
      repository: 'a/b',
    });
  });

  it('writes the names that logstash knows', async () => {
    expect(await objectOf('logstash', 'started', { a: 1 })).toEqual({
      '@timestamp': expect.stringMatching(TIME) as string,
      '@version': '1',
      level: 'info',
      message: 'started',
      a: 1,
    });
  });

  it('never lets a field stand for the level, the time or the message', async () => {
    expect(await objectOf('json', 'real', { level: 'error', message: 'forged', time: 0 })).toMatchObject({
      level: 'info',
      message: 'real',
      'fields.level': 'error',
      'fields.message': 'forged',
      'fields.time': 0,
    });
  });

  it('puts the fixed fields and those of the child on the line, the nearest winning', async () => {
    const lines = await linesOf({ fields: { service: 'hub', a: 0 } }, (logger) =>
      logger.child({ requestId: 'r1', a: 1 }).child({ b: 2 }).info('x', { b: 3 }),
    );
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ service: 'hub', requestId: 'r1', a: 1, b: 3 });
  });

  it.each(['json', 'logstash', 'text'] as const)('never shows a credential in %s', async (format) => {
    const error = new Error('GET https://me:hunter2@host/?_state=hunter2 failed', {
      cause: new Error('Bearer hunter2'),
    });
    const lines = await linesOf({ format, fields: { secret: 'hunter2' } }, (logger) => {
      logger.child({ cookie: 'hunter2' }).error('sent ?token=hunter2', {
        error,
        headers: { authorization: 'Basic hunter2' },
        url: '/v2/?token=hunter2',
      });
    });
    expect(lines.join('\n')).not.toContain('hunter2');
    expect(lines.join('\n')).toContain('***');
  });

  it('shows an error and its causes in JSON', async () => {
    const error = new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'EIO' }) });
    expect(await objectOf('json', 'failed', { error })).toMatchObject({
      error: { name: 'Error', message: 'outer', cause: { message: 'inner', code: 'EIO' } },
    });
  });

  it('writes text as one line of words, with the stacks of an error and its causes below', async () => {
    const error = new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'EIO' }) });
    const [head, ...below] = await linesOf({ format: 'text' }, (logger) =>
      logger.error('push failed', { repository: 'a/b', why: 'no space', size: 3, error }),
    );
    const [time, ...words] = (head ?? '').split(' ');
    expect(time).toMatch(TIME);
    expect(words.join(' ')).toBe(
      'error push failed repository=a/b why="no space" size=3 error.cause.code=EIO',
    );
    expect(below[0]).toBe('    Error: outer');
    expect(below).toContain('    caused by Error: inner');
  });

  it.each(['json', 'logstash', 'text'] as const)(
    'writes no control character of a value in %s',
    async (format) => {
      const evil = 'a\r\nb\u001b[2Jc\u007f\u0085\u2028d\u0000';
      const lines = await linesOf({ format }, (logger) =>
        logger.info(`m ${evil}`, { [evil]: evil, list: [evil] }),
      );
      expect(lines).toHaveLength(1);
      // eslint-disable-next-line no-control-regex
      expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      expect(lines[0]).toContain('\\u001b[2J');
    },
  );
});
