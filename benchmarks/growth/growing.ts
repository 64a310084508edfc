export interface PushedManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Something into which a registry's content is pushed: a registry, or the rows that its pushes would leave. */
export interface Growing {
  pushBlob(repository: string, bytes: Buffer): Promise<unknown> | void;
  /** Everything that it references was pushed before. */
  pushManifest(
    repository: string,
    manifest: PushedManifest,
    tag: string | undefined,
  ): Promise<unknown> | void;
}
