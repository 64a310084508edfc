/** What of a stream is needed to write to it. */
export interface TextSink {
  write(text: string): unknown;
}

/** Where a command writes: results to `stdout`, everything about them to `stderr`. */
export interface Terminal {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Whether somebody looks at `stderr` while it is written. */
  readonly interactive: boolean;
  /** Whether `stdout` shows colours. */
  readonly colour: boolean;
  /** Columns that help is wrapped to. */
  readonly width: number;
}
