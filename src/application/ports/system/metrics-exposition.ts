/** The metrics as a monitoring system reads them. */
export interface MetricsExposition {
  /** Of what `render` gives. */
  readonly contentType: string;
  /** All metrics as they are now. */
  render(): Promise<string>;
}
