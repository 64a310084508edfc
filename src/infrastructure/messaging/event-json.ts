import type {
  EventPlatform,
  EventReference,
  EventTarget,
  RegistryEvent,
} from '../../domain/events/registry-event.js';

/** What Go's encoder writes as escapes inside of texts, so that the JSON can stand in a page of HTML. */
const ESCAPED = /[<>&\u2028\u2029]/g;

/** JSON as the reference registry writes it. */
export function goJson(value: unknown, indent = ''): string {
  const json = JSON.stringify(value, undefined, indent);
  return json.replace(ESCAPED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** An event with the names of the reference registry, in its order, without what it leaves out when it is empty. */
export function eventJson(event: RegistryEvent): object {
  const { id, time, action, target, request, actor, source } = event;
  return {
    id,
    timestamp: new Date(time).toISOString(),
    action,
    target: targetJson(target),
    request: {
      id: request.id,
      ...unlessEmpty('addr', request.addr),
      ...unlessEmpty('host', request.host),
      method: request.method,
      useragent: request.userAgent,
    },
    actor: unlessEmpty('name', actor),
    source: { ...unlessEmpty('addr', source.addr), ...unlessEmpty('instanceID', source.instanceId) },
  };
}

function targetJson(target: EventTarget): object {
  const { mediaType, digest, size, repository, fromRepository, url, tag, references = [] } = target;
  return {
    mediaType,
    digest,
    size,
    ...(size === 0 ? {} : { length: size }),
    repository,
    ...unlessEmpty('fromRepository', fromRepository),
    ...unlessEmpty('url', url),
    ...unlessEmpty('tag', tag),
    ...(references.length === 0 ? {} : { references: references.map(referenceJson) }),
  };
}

function referenceJson(reference: EventReference): object {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType } = reference;
  return {
    mediaType,
    digest,
    size,
    ...(urls && { urls }),
    ...(annotations && { annotations: Object.fromEntries(Object.entries(annotations).toSorted(byName)) }),
    ...unlessEmpty('data', data),
    ...(platform && { platform: platformJson(platform) }),
    ...unlessEmpty('artifactType', artifactType),
  };
}

function platformJson({ architecture, os, osVersion, osFeatures, variant }: EventPlatform): object {
  return {
    architecture: architecture ?? '',
    os: os ?? '',
    ...unlessEmpty('os.version', osVersion),
    ...(osFeatures && { 'os.features': osFeatures }),
    ...unlessEmpty('variant', variant),
  };
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

function unlessEmpty(name: string, value: string | undefined): object {
  return value === undefined || value === '' ? {} : { [name]: value };
}
