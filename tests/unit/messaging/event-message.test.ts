import { describe, expect, it } from 'vitest';
import { eventMessage } from '../../../src/infrastructure/messaging/event-message.js';
import { eventOf } from '../../support/events.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

describe('the envelope of the reference registry', () => {
  it('is what its encoder writes, byte for byte', () => {
    const event = eventOf('team/app', {
      id: '01a228ce-49ad-718e-b73b-2f9d8675b140',
      actor: 'alice',
      request: { id: 'r', addr: '192.0.2.1:1', host: 'h', method: 'PUT', userAgent: 'x<&>' },
      target: {
        mediaType: MANIFEST,
        digest: DIGEST,
        size: 452,
        url: `http://h/v2/team/app/manifests/${DIGEST}`,
        tag: 'v1',
        references: [
          { mediaType: 'a/b', digest: DIGEST, size: 0, annotations: { z: '1', a: '<b>' } },
          {
            mediaType: 'a/c',
            digest: DIGEST,
            size: 1,
            platform: { os: 'linux', osVersion: '1' },
            artifactType: 'x/y',
          },
        ],
      },
    });
    const { contentType, body } = eventMessage(event, 'distribution');
    expect(contentType).toBe('application/vnd.docker.distribution.events.v2+json');
    expect(body).toBe(`{
   "events": [
      {
         "id": "01a228ce-49ad-718e-b73b-2f9d8675b140",
         "timestamp": "2027-01-15T08:00:00.123Z",
         "action": "push",
         "target": {
            "mediaType": "${MANIFEST}",
            "digest": "${DIGEST}",
            "size": 452,
            "length": 452,
            "repository": "team/app",
            "url": "http://h/v2/team/app/manifests/${DIGEST}",
            "tag": "v1",
            "references": [
               {
                  "mediaType": "a/b",
                  "digest": "${DIGEST}",
                  "size": 0,
                  "annotations": {
                     "a": "\\u003cb\\u003e",
                     "z": "1"
                  }
               },
               {
                  "mediaType": "a/c",
                  "digest": "${DIGEST}",
                  "size": 1,
                  "platform": {
                     "architecture": "",
                     "os": "linux",
                     "os.version": "1"
                  },
                  "artifactType": "x/y"
               }
            ]
         },
         "request": {
            "id": "r",
            "addr": "192.0.2.1:1",
            "host": "h",
            "method": "PUT",
            "useragent": "x\\u003c\\u0026\\u003e"
         },
         "actor": {
            "name": "alice"
         },
         "source": {
            "addr": "machine:5000",
            "instanceID": "01a228df-735b-7027-b8ff-7274e592b84a"
         }
      }
   ]
}`);
  });

  it('leaves out what a delete of a tag does not have, and keeps what is always there', () => {
    const event = eventOf('a', {
      action: 'delete',
      request: { id: 'r', addr: '', host: '', method: 'DELETE', userAgent: '' },
      target: { mediaType: '', digest: '', size: 0, tag: 'v1' },
    });
    const [told] = (JSON.parse(eventMessage(event, 'distribution').body) as { events: [object] }).events;
    expect(told).toMatchObject({ request: { id: 'r', method: 'DELETE', useragent: '' }, actor: {} });
    expect(Object.keys((told as { target: object }).target)).toEqual([
      'mediaType',
      'digest',
      'size',
      'repository',
      'tag',
    ]);
    expect(Object.keys((told as { request: object }).request)).toEqual(['id', 'method', 'useragent']);
  });

  it('tells where a blob was mounted from', () => {
    const event = eventOf('b', { action: 'mount', target: { fromRepository: 'a' } });
    expect(eventMessage(event, 'distribution').body).toContain(
      '"repository": "b",\n            "fromRepository": "a"',
    );
  });
});

describe('CloudEvents', () => {
  it('have the attributes of version 1.0, and the event as data', () => {
    const event = eventOf('team/app', { action: 'push', target: { tag: 'v1' } });
    const { contentType, body } = eventMessage(event, 'cloudevents');
    expect(contentType).toBe('application/cloudevents+json; charset=utf-8');
    const told = JSON.parse(body) as Record<string, unknown>;
    expect(told).toMatchObject({
      specversion: '1.0',
      id: event.id,
      source: '//registry.example.com/v2/team/app',
      type: 'stowage.registry.push',
      subject: 'team/app:v1',
      time: '2027-01-15T08:00:00.123Z',
      datacontenttype: 'application/json',
    });
    expect(told['data']).toMatchObject({
      id: event.id,
      action: 'push',
      target: { repository: 'team/app', tag: 'v1' },
    });
  });

  it('name content without a tag by its digest', () => {
    const event = eventOf('a', { target: { digest: DIGEST } });
    expect(JSON.parse(eventMessage(event, 'cloudevents').body)).toMatchObject({ subject: `a@${DIGEST}` });
  });
});
