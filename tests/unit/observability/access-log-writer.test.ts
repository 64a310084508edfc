import { describe, expect, it } from 'vitest';
import type { AccessRecord } from '../../../src/application/ports/system/access-log.js';
import { AccessLogWriter } from '../../../src/infrastructure/observability/access-log-writer.js';
import type { LogFormat } from '../../../src/infrastructure/observability/log-format.js';
import { RecordingSink, writerOver } from './recording-sink.js';

const RECORD: AccessRecord = {
  requestId: 'p-1',
  method: 'GET',
  path: '/v2/a/manifests/latest',
  status: 200,
  bytes: 528,
  durationMs: 1.23456,
  user: undefined,
  client: '::ffff:127.0.0.1',
  userAgent: 'docker/27.0 go/1.22',
};

async function lineOf(format: LogFormat, record: AccessRecord): Promise<string> {
  const sink = new RecordingSink();
  const writer = writerOver(sink);
  new AccessLogWriter(true, format, { service: 'hub', password: 'hunter2' }, writer).record(record);
  await writer.flush(10_000);
  expect(sink.lines).toHaveLength(1);
  return sink.lines[0] ?? '';
}

describe('the access log', () => {
  it('writes a request as JSON', async () => {
    expect(JSON.parse(await lineOf('json', RECORD))).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      level: 'info',
      message: 'request',
      service: 'hub',
      password: '***',
      ...RECORD,
      durationMs: 1.235,
    });
  });

  it('names the user where somebody has signed in', async () => {
    const record = { ...RECORD, user: 'alice b' };
    expect(JSON.parse(await lineOf('json', record))).toMatchObject({ user: 'alice b', requestId: 'p-1' });
    expect(await lineOf('text', record)).toContain(' 1.2ms user="alice b" client=::ffff:127.0.0.1 ');
  });

  it('writes a request as logstash knows it', async () => {
    const line = JSON.parse(await lineOf('logstash', RECORD)) as Record<string, unknown>;
    expect(line).toMatchObject({ '@version': '1', method: 'GET', status: 200, bytes: 528 });
    expect(line['@timestamp']).toMatch(/^\d{4}-.*Z$/);
  });

  it('writes a request as text', async () => {
    const [, ...words] = (await lineOf('text', RECORD)).split(' ');
    expect(words.join(' ')).toBe(
      'info  GET /v2/a/manifests/latest 200 528B 1.2ms client=::ffff:127.0.0.1 requestId=p-1 ' +
        'userAgent="docker/27.0 go/1.22" service=hub password=***',
    );
  });

  it.each(['json', 'logstash', 'text'] as const)('escapes what a client sends, in %s', async (format) => {
    const evil = '/v2/\u001b[31m\u0007"\\\u0085';
    const line = await lineOf(format, { ...RECORD, path: evil, userAgent: evil, method: 'M\u001b' });
    // eslint-disable-next-line no-control-regex
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    if (format !== 'text') expect(JSON.parse(line)).toMatchObject({ path: evil, userAgent: evil });
  });
});
