/** What a step has beside its method and path. */
export interface StepOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Send the body without a Content-Length. */
  readonly chunked?: boolean;
  /** Keep the Location of the answer under this name: `{name}` in later paths; `{name.path}`, `{name.id}`, `{name.query}`. */
  readonly keep?: string;
}

/**
 * One request to either registry: what it is in a few words, alone of its group; `METHOD /path`; the rest. `{name}` in
 * the path and the headers is filled in with what was kept, and with what the stage knows (its tokens).
 */
export type Step = readonly [title: string, request: string, options?: StepOptions];

/** Steps that follow on one another. Groups of a stage share its registry, each in repositories of its own. */
export interface Group {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The steps that push a blob in two requests. */
export function pushOf(
  repository: string,
  what: string,
  content: string,
  digest: string,
  headers: Readonly<Record<string, string>> = {},
): readonly Step[] {
  const keep = `upload of ${what}`;
  return [
    [`${what}: begin`, `POST /v2/${repository}/blobs/uploads/`, { keep, headers }],
    [
      `${what}: end`,
      `PUT {${keep}}&digest=${digest}`,
      { headers: { ...headers, 'content-type': 'application/octet-stream' }, body: content },
    ],
  ];
}
