/** What happened. */
export const EVENT_ACTIONS = ['push', 'pull', 'mount', 'delete'] as const;
export type EventAction = (typeof EVENT_ACTIONS)[number];

/** Content that a manifest references, with whatever its descriptor says (image-spec "Content Descriptors"). */
export interface EventReference {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly data?: string;
  readonly platform?: EventPlatform;
  readonly artifactType?: string;
}

export interface EventPlatform {
  readonly architecture?: string;
  readonly os?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
  readonly variant?: string;
}

/** What it happened to. Media type and digest are empty, and the size 0, where they are not known: after a delete. */
export interface EventTarget {
  readonly repository: string;
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Where a blob was mounted from. */
  readonly fromRepository?: string | undefined;
  /** Where the content can be had, absolute. */
  readonly url?: string | undefined;
  readonly tag?: string | undefined;
  readonly references?: readonly EventReference[] | undefined;
}

/** The request that made it happen. */
export interface EventRequest {
  readonly id: string;
  /** Address of the client, with its port where the client itself is connected. */
  readonly addr: string;
  readonly host: string;
  readonly method: string;
  readonly userAgent: string;
}

/** The process that answered it. */
export interface EventSource {
  /** Name of the machine and port. */
  readonly addr: string;
  /** A UUID of each start. */
  readonly instanceId: string;
}

/** Something that others are told of. */
export interface RegistryEvent {
  /** A UUID. Who gets an event twice knows it by this. */
  readonly id: string;
  /** Milliseconds of Unix time. */
  readonly time: number;
  readonly action: EventAction;
  readonly target: EventTarget;
  readonly request: EventRequest;
  /** The user who sent the request, as far as it is known. */
  readonly actor: string | undefined;
  readonly source: EventSource;
}
