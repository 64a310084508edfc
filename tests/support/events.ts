import type { EventTarget, RegistryEvent } from '../../src/domain/events/registry-event.js';

let count = 0;

/** An event of its own id, about a blob of the repository. */
export function eventOf(
  repository: string,
  more: Partial<Omit<RegistryEvent, 'target'>> & { readonly target?: Partial<EventTarget> } = {},
): RegistryEvent {
  count += 1;
  const { target, ...others } = more;
  return {
    id: `event-${count}`,
    time: 1_800_000_000_123,
    action: 'push',
    request: {
      id: 'request-1',
      addr: '192.0.2.1:4711',
      host: 'registry.example.com',
      method: 'PUT',
      userAgent: 'docker/28',
    },
    actor: undefined,
    source: { addr: 'machine:5000', instanceId: '01a228df-735b-7027-b8ff-7274e592b84a' },
    ...others,
    target: {
      repository,
      mediaType: 'application/octet-stream',
      digest: `sha256:${String(count).padStart(64, '0')}`,
      size: 9,
      ...target,
    },
  };
}
