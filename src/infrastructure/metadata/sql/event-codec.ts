import type { RegistryEvent } from '../../../domain/events/registry-event.js';

/** An event as text: it outlives the version that wrote it, so what is added later must be optional. */
export function encodeEvent(event: RegistryEvent): string {
  return JSON.stringify(event);
}

/** @param payload what `encodeEvent` has made */
export function decodeEvent(payload: string): RegistryEvent {
  return JSON.parse(payload) as RegistryEvent;
}
