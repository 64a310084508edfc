import { describe, expect, it } from 'vitest';
import { DeliveryBreaker } from '../../../src/domain/events/delivery-breaker.js';
import { EventFilter } from '../../../src/domain/events/event-filter.js';
import { eventId } from '../../../src/domain/events/event-id.js';
import { eventReferences } from '../../../src/domain/events/event-references.js';

describe('eventId', () => {
  it('is a UUID of version 7 with the time in front', () => {
    const id = eventId(0x0123_4567_89ab, 'ffffffff-ffff-4fff-bfff-ffffffffffff');
    expect(id).toBe('01234567-89ab-7fff-bfff-ffffffffffff');
    expect(eventId(1, '01234567-89ab-4cde-8f01-23456789abcd')).toBe('00000000-0001-7cde-8f01-23456789abcd');
  });
});

describe('EventFilter', () => {
  const filter = new EventFilter({ mediaTypes: ['application/octet-stream'], actions: ['pull'] });

  it.each([
    ['push', 'application/vnd.oci.image.manifest.v1+json', true],
    ['push', 'application/octet-stream', false],
    ['pull', 'application/vnd.oci.image.manifest.v1+json', false],
    ['delete', '', true],
  ] as const)('of %s of %s says %s', (action, mediaType, wanted) => {
    expect(filter.wants({ action, mediaType })).toBe(wanted);
  });
});

describe('DeliveryBreaker', () => {
  it('lets everything through before there are as many failures as the threshold, then one in each backoff', () => {
    const breaker = new DeliveryBreaker({ threshold: 2, backoff: 100 });
    breaker.failed(0);
    expect([breaker.isOpen, breaker.mayTry(0), breaker.retryAt]).toEqual([false, true, undefined]);
    breaker.failed(10);
    expect([breaker.isOpen, breaker.mayTry(109), breaker.mayTry(110)]).toEqual([true, false, true]);
    expect(breaker.retryAt).toBe(110);
    breaker.failed(110);
    expect([breaker.failures, breaker.mayTry(209), breaker.mayTry(210)]).toEqual([3, false, true]);
    breaker.succeeded();
    expect([breaker.failures, breaker.isOpen, breaker.mayTry(0)]).toEqual([0, false, true]);
  });

  it('can be asked for an attempt at once, which counts as all others', () => {
    const breaker = new DeliveryBreaker({ threshold: 1, backoff: 3_600_000 });
    breaker.failed(10);
    breaker.beDue();
    expect(breaker.mayTry(11)).toBe(true);
    breaker.failed(11);
    expect(breaker.mayTry(12)).toBe(false);
  });
});

describe('eventReferences', () => {
  it('are none of a manifest that would make large events', () => {
    const layers = Array.from({ length: 1_000 }, (_, at) => ({ ...of('layer'), digest: `sha256:${at}` }));
    expect(eventReferences(bytes({ layers }))).toHaveLength(1_000);
    expect(eventReferences(bytes({ layers, annotations: { a: 'x'.repeat(64 * 1024) } }))).toEqual([]);
  });

  const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const of = (name: string) => ({ mediaType: `application/${name}`, digest: `sha256:${name}`, size: 1 });

  it('are config and layers of an image, foreign ones too, with all that descriptors have', () => {
    const layer = {
      ...of('layer'),
      urls: ['https://a'],
      annotations: { b: '1' },
      data: 'aGk=',
      unknown: true,
    };
    const manifest = { config: of('config'), layers: [layer], subject: of('subject') };
    const { unknown: _unknown, ...known } = layer;
    expect(eventReferences(bytes(manifest))).toEqual([of('config'), known]);
  });

  it('are the manifests of an index, with their platforms', () => {
    const platform = {
      architecture: 'arm64',
      os: 'linux',
      'os.version': '1',
      'os.features': ['x'],
      variant: 'v8',
    };
    const index = { manifests: [{ ...of('one'), platform, artifactType: 'a/b' }, of('two')] };
    expect(eventReferences(bytes(index))).toEqual([
      {
        ...of('one'),
        platform: { architecture: 'arm64', os: 'linux', osVersion: '1', osFeatures: ['x'], variant: 'v8' },
        artifactType: 'a/b',
      },
      of('two'),
    ]);
  });

  it.each([
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['nothing in it', '{}'],
    ['other shapes', '{"config":1,"layers":{}}'],
  ])('are none where there is %s', (_what, text) => {
    expect(eventReferences(Buffer.from(text))).toEqual([]);
  });
});
