import type { EventFormat } from '../../application/ports/messaging/notification-settings.js';
import type { RegistryEvent } from '../../domain/events/registry-event.js';
import { eventJson, goJson } from './event-json.js';

/** What is posted. */
export interface EventMessage {
  readonly contentType: string;
  readonly body: string;
}

/** By how many blanks the reference registry indents. */
const INDENT = '   ';
/** What every `type` begins with; the action follows. */
const TYPE = 'stowage.registry';

export function eventMessage(event: RegistryEvent, format: EventFormat): EventMessage {
  switch (format) {
    case 'distribution':
      return {
        contentType: 'application/vnd.docker.distribution.events.v2+json',
        body: goJson({ events: [eventJson(event)] }, INDENT),
      };
    case 'cloudevents':
      return {
        contentType: 'application/cloudevents+json; charset=utf-8',
        body: JSON.stringify(cloudEvent(event)),
      };
  }
}

/** CloudEvents 1.0, structured mode (JSON Event Format 1.0.2, section 3): what else there is to tell is in `data`. */
function cloudEvent(event: RegistryEvent): object {
  const { id, time, action, target, request } = event;
  const what = target.tag ?? target.digest;
  return {
    specversion: '1.0',
    id,
    source: encodeURI(`//${request.host}/v2/${target.repository}`),
    type: `${TYPE}.${action}`,
    subject: `${target.repository}${target.tag === undefined ? '@' : ':'}${what}`,
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    data: eventJson(event),
  };
}
